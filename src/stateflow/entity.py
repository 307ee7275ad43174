"""The decorator that marks a class as an entity, and binding of classes to a client."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeVar

from stateflow.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["bind", "decorated_classes", "delete", "entity", "is_entity", "unbind"]

C = TypeVar("C", bound=type)

_decorated: list[type] = []
_bindings: dict[type, _Binding] = {}
_MARK = "__stateflow_entity__"


def _by_key(cls: type, key: object) -> Any:
    """Address the entity of this class with `key`, without creating it."""
    binding = _bindings.get(cls)
    if binding is None:
        raise ConfigurationError(f"SF540: {cls.__name__}.by_key needs a client: bind one first, for example `with runtime.client():`")
    return binding.reference(cls, key)


def entity(cls: C) -> C:
    """Mark a class as an entity class. The class itself is returned, not another one.

    Its objects are addressed by what `__key__` answers. Until a client is bound it is a plain class.

    Examples:
        >>> import stateflow
        >>> @stateflow.entity
        ... class Counter:
        ...     def __init__(self, name: str):
        ...         self.name = name
        ...     def __key__(self):
        ...         return self.name
        >>> Counter("a").name
        'a'

    Raises:
        ConfigurationError: what is decorated is not a class.
    """
    if not isinstance(cls, type):
        raise ConfigurationError(f"SF540: @stateflow.entity decorates classes, not {type(cls).__name__}")
    setattr(cls, _MARK, cls)
    if "by_key" not in cls.__dict__:
        cls.by_key = classmethod(_by_key)  # type: ignore[attr-defined]
    _decorated.append(cls)
    return cls


def is_entity(cls: type) -> bool:
    """Tell whether the class itself (not only a base of it) is decorated."""
    return cls.__dict__.get(_MARK) is cls


def decorated_classes() -> tuple[type, ...]:
    """Return every decorated class, in the order of decoration; a class that was defined again replaces the older one."""
    latest = {(c.__module__, c.__qualname__): c for c in _decorated}
    return tuple(latest.values())


def delete(reference: object) -> None:
    """Delete an entity. Inside a method, part of its transaction.

    Raises:
        EntityNotFound: there is no such entity.
        ConfigurationError: called outside a method.
    """
    binding = _bindings.get(getattr(reference, "__class__", object))
    if binding is not None and binding.delete is not None:
        binding.delete(reference)
        return
    raise ConfigurationError("SF540: stateflow.delete works inside the methods of an entity; outside use client.delete(ref)")


class _Binding:
    """What a bound class does when it is called."""

    __slots__ = ("create", "delete", "reference")

    def __init__(
        self, create: Callable[..., Any], reference: Callable[[type, object], Any], delete: Callable[[Any], None] | None
    ) -> None:
        self.create = create
        self.reference = reference
        self.delete = delete


def bind(
    cls: type, create: Callable[..., Any], reference: Callable[[type, object], Any], delete: Callable[[Any], None] | None = None
) -> None:
    """Let calls of `cls` create entities by `create(cls, *args, **kwargs)`, and `by_key` answer `reference(cls, key)`.

    `delete` is what `stateflow.delete` does with an object that says to be of the class; without it, only methods can delete.

    `create` may answer NotImplemented, which makes a plain object. The class object stays: the first binding gives it a `__new__`,
    which without a binding, and for subclasses, does what the class did before.

    Raises:
        ConfigurationError: another client is bound to the class.
    """
    if cls in _bindings:
        raise ConfigurationError(f"SF540: {cls.__name__} is bound to a client already; close that client first")
    if not isinstance(cls.__dict__.get("__new__"), _Gate):
        setattr(cls, "__new__", _gate(cls))  # noqa: B010 - mypy refuses the assignment
    _bindings[cls] = _Binding(create, reference, delete)


def unbind(cls: type) -> None:
    """Make `cls` a plain class again; does nothing when it is not bound."""
    _bindings.pop(cls, None)


class _Gate(staticmethod):  # type: ignore[type-arg]
    """The `__new__` of a class that is or was bound. It stays: CPython cannot forget a `__new__` that a class once had."""


def _gate(cls: type) -> _Gate:
    own = cls.__dict__.get("__new__")

    @functools.wraps(cls.__init__ if own is None else own)  # type: ignore[misc]  # what inspect.signature shows
    def new(asked: Any, *args: Any, **kwargs: Any) -> Any:
        binding = _bindings.get(asked)
        if binding is not None and (created := binding.create(asked, *args, **kwargs)) is not NotImplemented:
            return created
        plain = super(cls, asked).__new__ if own is None else own.__get__(None, asked)  # type: ignore[arg-type]
        return plain(asked, *args, **kwargs) if plain is not object.__new__ else _new_object(asked, args, kwargs)

    return _Gate(new)


def _new_object(cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    # object.__new__ takes arguments only for a class without a __new__ of its own; object.__init__ refuses them only then.
    if (args or kwargs) and cls.__init__ is object.__init__:  # type: ignore[misc]
        raise TypeError(f"{cls.__name__}() takes no arguments")
    return object.__new__(cls)
