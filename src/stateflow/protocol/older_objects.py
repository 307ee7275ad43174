"""Objects of value classes that older code wrote: fields that the class now has get their defaults, fields that it lost are dropped."""

from __future__ import annotations

import dataclasses
from collections import Counter, OrderedDict, deque
from typing import TYPE_CHECKING, Any

import msgspec

from stateflow.protocol.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Defaults = dict[str, Callable[[], Any]]

__all__ = ["field_names", "older_shape"]

# Other factories are the user's code, which might answer otherwise each time that a state is read.
_FACTORIES = frozenset({list, dict, set, frozenset, tuple, str, int, float, complex, bool, bytes, bytearray, Counter, OrderedDict, deque})


def field_names(cls: Any) -> tuple[str, ...] | None:
    """Return the fields that a value class declares; None when it declares none. Their order matters in named tuples only."""
    if issubclass(cls, msgspec.Struct):
        return tuple(sorted(cls.__struct_fields__))
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        return tuple(cls._fields)
    if dataclasses.is_dataclass(cls):
        return tuple(sorted(field.name for field in dataclasses.fields(cls)))
    declared = getattr(cls, "__attrs_attrs__", None)
    if declared is not None:
        return tuple(sorted(field.name for field in declared))
    declared = getattr(cls, "__pydantic_fields__", None)
    return None if declared is None else tuple(sorted(declared))


def older_shape(cls: type, shape: Shape) -> Shape | None:
    """Return how stored objects of a class are put together; None when it has no fields with defaults.

    Args:
        cls: the class.
        shape: how objects that this very class wrote are put together.
    """
    if issubclass(cls, msgspec.Struct):
        return _struct(cls, shape)
    fields = getattr(cls, "_fields", None)
    if issubclass(cls, tuple) and fields:
        return _named_tuple(cls, fields, shape)
    defaults = dict(_defaults(cls))
    if shape.fill is None or not (defaults or dataclasses.is_dataclass(cls) or hasattr(cls, "__attrs_attrs__")):
        return None
    plain, known = shape.fill, _slots(cls) if cls.__dictoffset__ == 0 else None

    def fill(value: Any, children: Sequence[Any]) -> None:
        plain(value, _completed(children, defaults, known))

    return Shape(shape.tag, shape.flatten, new=shape.new, fill=fill, names=shape.names, late=shape.late, deep=shape.deep)


def _completed(children: Sequence[Any], defaults: Defaults, known: frozenset[str] | None) -> Sequence[Any]:
    """Return names and values in turn, with defaults for what is missing, without what is not known."""
    fields = dict(zip(children[::2], children[1::2], strict=True))
    if known is not None:
        fields = {name: value for name, value in fields.items() if name in known}
    fields |= {name: make() for name, make in defaults.items() if name not in fields}
    return [part for pair in fields.items() for part in pair]


def _slots(cls: type) -> frozenset[str]:
    return frozenset(name for base in cls.__mro__ for name in base.__dict__ if "__slots__" in base.__dict__)


def _defaults(cls: Any) -> Iterator[tuple[str, Callable[[], Any]]]:
    if dataclasses.is_dataclass(cls):
        for field in dataclasses.fields(cls):
            yield from _default(field.name, field.default, field.default_factory, dataclasses.MISSING)
    for field in getattr(cls, "__attrs_attrs__", ()):
        factory = getattr(field.default, "factory", None)
        if factory is None and type(field.default).__name__ != "_Nothing":
            yield from _default(field.name, field.default, None, None)
        yield from _default(field.name, None, factory, None)
    for name, field in getattr(cls, "__pydantic_fields__", {}).items():
        if field.default_factory is not None:
            yield from _default(name, None, field.default_factory, None)
        elif not field.is_required():
            yield name, field.get_default


def _default(name: str, default: Any, factory: Any, missing: object) -> Iterator[tuple[str, Callable[[], Any]]]:
    if default is not missing:
        yield name, lambda: default
    elif factory in _FACTORIES:
        yield name, factory


def _struct(cls: type[msgspec.Struct], shape: Shape) -> Shape:
    defaults: Defaults = {}
    for field in msgspec.structs.fields(cls):
        defaults.update(_default(field.name, field.default, field.default_factory, msgspec.NODEFAULT))
    names = frozenset(cls.__struct_fields__)

    def complete(children: Sequence[Any]) -> Sequence[Any]:
        completed = _completed(children, defaults, names)
        _check(cls, names.difference(completed[::2]))
        return completed

    if shape.make is not None:
        plain_make = shape.make
        return Shape(shape.tag, shape.flatten, lambda children: plain_make(complete(children)), names=shape.names)
    plain_fill = shape.fill
    assert plain_fill is not None
    return Shape(
        shape.tag, shape.flatten, new=shape.new, fill=lambda value, children: plain_fill(value, complete(children)), names=shape.names
    )


def _named_tuple(cls: type, fields: Sequence[str], shape: Shape) -> Shape:
    defaults: dict[str, Any] = getattr(cls, "_field_defaults", {})
    plain = shape.make
    assert plain is not None

    def make(children: Sequence[Any]) -> Any:
        # The first child counts the attributes that stand before the elements.
        start = children[0] + 1 if type(children[0]) is int else 1
        elements = list(children[start : start + len(fields)])
        lacking = fields[len(elements) :]
        _check(cls, [name for name in lacking if name not in defaults])
        return plain([*children[:start], *elements, *(defaults[name] for name in lacking)])

    return Shape(shape.tag, shape.flatten, make, names=shape.names, late=shape.late)


def _check(cls: type, lacking: Sequence[str] | frozenset[str]) -> None:
    if lacking:
        raise ValueError(f"a stored {cls.__qualname__} lacks {', '.join(sorted(lacking))}, which has no default")
