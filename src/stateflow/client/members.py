"""Names of members as a client writes them: the method of a reference, and the refusal of a name that is none."""

from __future__ import annotations

import difflib
import inspect
from typing import TYPE_CHECKING, Any, cast

from stateflow.client.future import StateflowFuture
from stateflow.errors import ConfigurationError
from stateflow.references import Reference, is_dunder

if TYPE_CHECKING:
    from collections.abc import Callable

    from stateflow.dataflow import Dataflow

__all__ = ["RemoteMethod", "check_attribute", "check_method", "method_name", "no_such_member", "reference_of"]


class RemoteMethod:
    """A method of an entity seen by a client: calling it sends the request and returns the future of its reply."""

    __slots__ = ("__name__", "__self__", "_call")

    def __init__(self, reference: Reference, name: str, call: Callable[..., StateflowFuture[Any]]) -> None:
        self.__self__ = reference
        self.__name__ = name
        self._call = call

    def __call__(self, *args: Any, **kwargs: Any) -> StateflowFuture[Any]:
        """Send the call."""
        return self._call(self.__self__, self.__name__, args, kwargs)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RemoteMethod):
            return self.__self__ == other.__self__ and self.__name__ == other.__name__
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.__self__, self.__name__))

    def __repr__(self) -> str:
        return f"<method {self.__name__} of {self.__self__!r}>"


def method_name(method: object) -> str:
    """Return the name of a method that the caller gave as `User.buy_item` or as its name.

    Raises:
        ConfigurationError: it is neither.
    """
    name = method if isinstance(method, str) else getattr(method, "__name__", None)
    if not isinstance(name, str):
        raise ConfigurationError(f"SF540: {method!r} is not a method; pass User.method or its name (read a property with client.get)")
    return name


def reference_of(ref: object) -> Reference:
    """Return what a caller gave as a reference.

    Raises:
        ConfigurationError: it is something else.
    """
    # The class of a reference, as isinstance sees it, is the entity's class; only type() tells.
    if issubclass(type(ref), Reference):
        return cast("Reference", ref)
    if isinstance(ref, StateflowFuture):
        raise ConfigurationError(f"SF540: {ref!r} stands where a reference is needed; wait for it first with .get() or await")
    raise ConfigurationError(f"SF540: {ref!r} is not a reference; use what client.create, client.ref or by_key gave")


def check_attribute(cls: type, name: str) -> None:
    """Refuse to read or assign a dunder name, such as `__class__`, which is Python's own and no part of an entity's state.

    Raises:
        ConfigurationError: it is one.
    """
    if is_dunder(name):
        raise ConfigurationError(f"SF540: {cls.__name__}.{name} is no attribute of the entity's state; read all with client.state(ref)")


def check_method(flow: Dataflow, cls: type, name: str) -> None:
    """Refuse to call what is not a method of `cls`.

    Raises:
        AttributeError: `cls` has no such member.
        ConfigurationError: the member is an attribute, or a dunder method, which only syntax inside methods calls.
    """
    if is_dunder(name):
        raise ConfigurationError(
            f"SF540: {cls.__name__}.{name} is called by syntax inside methods, not by clients; add a method that uses it"
        )
    kind = flow.member_kind(cls, name)
    if kind is None:
        raise no_such_member(cls, name)
    if kind != "method":
        raise ConfigurationError(f"SF540: {cls.__name__}.{name} is an attribute, not a method; read it with client.get(ref, {name!r})")


def no_such_member(cls: type, name: str) -> AttributeError:
    """Make the error for an unknown name, in CPython's words, with the nearest name that exists."""
    text = f"{cls.__name__!r} object has no attribute {name!r}"
    nearest = difflib.get_close_matches(name, _public_names(cls), n=1)
    if nearest:
        text += f". Did you mean: {nearest[0]!r}?"
    return AttributeError(text, name=name)


def _public_names(cls: type) -> list[str]:
    names = dict.fromkeys(dir(cls))
    for base in cls.__mro__:
        names |= dict.fromkeys(inspect.get_annotations(base))
    return [name for name in names if not name.startswith("_")]
