"""Shapes of the user's classes, derived from how their objects are laid out. No `__init__`, `__new__` or `__setattr__` is called."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from itertools import chain
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any

import msgspec

from stateflow.errors import UnstorableValue
from stateflow.protocol.containers import CONTAINER_SHAPES, dict_children
from stateflow.protocol.older_objects import older_shape
from stateflow.protocol.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Attributes", "class_shape"]

# Objects that cache their hash write it anew: the hash of a string differs from process to process.
_CACHED_HASH = "_attrs_cached_hash"


class Attributes:
    """The slots and the `__dict__` of the objects of one class."""

    __slots__ = ("_caches_hash", "_fields", "_has_dict", "_is_plain", "_slots")

    def __init__(self, cls: type, fields: Mapping[str, Any] | None = None) -> None:
        """Find the attributes of a class; `fields` are descriptors of a builtin base, whose unset attributes read as None."""
        self._fields = fields or {}
        self._slots: dict[str, Any] = {}
        for base in cls.__mro__:
            if "__slots__" not in base.__dict__ and not issubclass(base, msgspec.Struct):
                continue
            for name, member in base.__dict__.items():
                if type(member) is MemberDescriptorType:
                    self._slots.setdefault(name, member)
        self._has_dict = cls.__dictoffset__ != 0
        self._caches_hash = hasattr(cls, "__attrs_attrs__")
        self._is_plain = self._has_dict and not self._caches_hash and not self._slots and not self._fields

    @property
    def is_empty(self) -> bool:
        """Whether no object of the class has any."""
        return not (self._has_dict or self._slots or self._fields)

    @property
    def all_slots(self) -> Sequence[MemberDescriptorType] | None:
        """The members of the slots where they are all there is; none where there is a `__dict__` alone; None where there is more."""
        if self._is_plain:
            return ()
        has_others = self._has_dict or self._caches_hash or self._fields
        return tuple(self._slots.values()) if self._slots and not has_others else None

    def read(self, value: object) -> list[Any]:
        """Return the names and values of all attributes that are set, in turn."""
        if self._is_plain:
            return list(chain.from_iterable(object.__getattribute__(value, "__dict__").items()))
        children: list[Any] = []
        for name, field in self._fields.items():
            content = _read_field(field, value)
            if content is not None:
                children += (name, content)
        for name, member in self._slots.items():
            try:
                children += (name, member.__get__(value))
            except AttributeError:
                continue
        if self._has_dict:
            children += chain.from_iterable(object.__getattribute__(value, "__dict__").items())
        if self._caches_hash:
            for position in range(0, len(children), 2):
                if children[position] == _CACHED_HASH:
                    children[position + 1] = None
        return children

    def write(self, value: object, children: Sequence[Any]) -> None:
        """Set the attributes that `read` gave."""
        if self._is_plain:
            object.__getattribute__(value, "__dict__").update(zip(children[::2], children[1::2], strict=True))
            return
        rest: dict[Any, Any] = {}
        for name, child in zip(children[::2], children[1::2], strict=True):
            member = self._fields.get(name) or self._slots.get(name)
            if member is not None:
                member.__set__(value, child)
            else:
                rest[name] = child
        if rest:
            object.__getattribute__(value, "__dict__").update(rest)

    def names(self, value: object) -> list[str]:
        """Return how the paths of the children are printed."""
        return [printed for name in self.read(value)[::2] for printed in (f" attribute name {name!r}", f".{name}")]


def _read_field(field: Any, value: object) -> Any:
    try:
        return field.__get__(value)
    except (AttributeError, TypeError):  # not set
        return None


_MUTABLE: dict[type, Callable[[Any], list[Any]]] = {
    OrderedDict: dict_children,
    defaultdict: lambda v: [v.default_factory, *dict_children(v)],
    Counter: dict_children,
    dict: dict_children,
    list: lambda v: list(list.__iter__(v)),
    set: lambda v: list(set.__iter__(v)),
    deque: lambda v: [v.maxlen, *deque.__iter__(v)],
    bytearray: lambda v: [bytes(bytearray.__getitem__(v, slice(None)))],
}
_IMMUTABLE: dict[type, tuple[Callable[[Any], list[Any]], Callable[[type, Any], Any]]] = {
    tuple: (lambda v: list(tuple.__iter__(v)), tuple.__new__),
    frozenset: (lambda v: list(frozenset.__iter__(v)), frozenset.__new__),
    str: (lambda v: [str.__str__(v)], lambda cls, c: str.__new__(cls, *c)),
    bytes: (lambda v: [bytes.__getitem__(v, slice(None))], lambda cls, c: bytes.__new__(cls, *c)),
    int: (lambda v: [int.__index__(v)], lambda cls, c: int.__new__(cls, *c)),
    float: (lambda v: [float.__float__(v)], lambda cls, c: float.__new__(cls, *c)),
    complex: (lambda v: [v.real, v.imag], lambda cls, c: complex.__new__(cls, *c)),
}


def class_shape(cls: type, tag: str) -> Shape:
    """Derive the shape of a class that is neither an enumeration nor an exception.

    Raises:
        UnstorableValue: objects of the class cannot be made without calling code of it; the path is empty.
    """
    shape = _present_shape(cls, tag)
    shape.older = older_shape(cls, shape)
    return shape


def _present_shape(cls: type, tag: str) -> Shape:
    if issubclass(cls, msgspec.Struct):
        return _struct_shape(cls, tag)
    for base in cls.__mro__:
        if base in _MUTABLE:
            return _mutable_subclass_shape(cls, base, tag)
        if base in _IMMUTABLE:
            return _immutable_subclass_shape(cls, base, tag)
    if cls.__new__ is not object.__new__:
        raise UnstorableValue(
            "", f"class {cls.__qualname__} makes its objects by a __new__ of its own; call stateflow.register_value with a way to write it"
        )
    attributes = Attributes(cls)
    shape = Shape(
        tag,
        attributes.read,
        new=lambda: object.__new__(cls),
        fill=attributes.write,
        names=attributes.names,
        deep=True,
    )
    shape.slots = attributes.all_slots
    return shape


def _struct_shape(cls: type[msgspec.Struct], tag: str) -> Shape:
    attributes = Attributes(cls)
    fields = cls.__struct_fields__
    if hasattr(cls, "__post_init__"):
        # Only a call makes a struct; with __post_init__ it must see the true fields, and sees them again.
        def make(children: Any) -> Any:
            return cls(**dict(zip(children[::2], children[1::2], strict=True)))

        return Shape(tag, attributes.read, make, names=attributes.names)
    blank = dict.fromkeys(fields)
    return Shape(tag, attributes.read, new=lambda: cls(**blank), fill=attributes.write, names=attributes.names)


def _counted(attributes: Attributes, content: Callable[[Any], list[Any]]) -> Callable[[Any], list[Any]]:
    """Flatten to the number of attribute children, these, and then the content of the builtin base."""

    def flatten(value: Any) -> list[Any]:
        own = attributes.read(value)
        return [len(own), *own, *content(value)]

    return flatten


def _counted_names(attributes: Attributes, content: Callable[[Any], Sequence[str]]) -> Callable[[Any], list[str]]:
    return lambda value: ["", *attributes.names(value), *content(value)]


def _split(children: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
    count = children[0]
    if type(count) is not int or not 0 <= count < len(children):
        raise ValueError("wrong number of attributes")
    return children[1 : count + 1], children[count + 1 :]


def _numbered(value: Any) -> list[str]:
    return [f"[{index}]" for index in range(len(value))]


def _mutable_subclass_shape(cls: type, base: type, tag: str) -> Shape:
    attributes, plain = Attributes(cls), CONTAINER_SHAPES[base]

    def fill(value: Any, children: Any) -> None:
        own, content = _split(children)
        attributes.write(value, own)
        plain.fill(value, content)  # type: ignore[misc]

    return Shape(
        tag,
        _counted(attributes, _MUTABLE[base]),
        new=lambda: base.__new__(cls),  # type: ignore[call-overload]
        fill=fill,
        names=_counted_names(attributes, plain.names or _numbered),
        late=plain.late,
        deep=plain.deep,
    )


def _immutable_subclass_shape(cls: type, base: type, tag: str) -> Shape:
    attributes = Attributes(cls)
    content, make_content = _IMMUTABLE[base]
    fields = getattr(cls, "_fields", None)

    def make(children: Any) -> Any:
        own, rest = _split(children)
        value = make_content(cls, rest)
        attributes.write(value, own)
        return value

    def names(value: Any) -> Sequence[str]:
        return [f".{field}" for field in fields] if fields else _numbered(content(value))

    shape = Shape(tag, _counted(attributes, content), make, names=_counted_names(attributes, names), late=base is frozenset)
    shape.is_tuple = base is tuple and attributes.is_empty
    return shape
