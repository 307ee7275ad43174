"""The types that decide where a method may suspend.

A type says what the compiler may rely on: the value is local, it is an entity of a class, or nothing is known. Annotations are trusted
for "local": a reference that turns up there refuses to be used.
"""

from __future__ import annotations

import ast
import collections
import types as python_types
import typing
from enum import Enum

import msgspec

__all__ = ["UNKNOWN", "Kind", "Type", "derives", "entity", "join", "local", "resolve_annotation"]


class Kind(Enum):
    """What is known of a value."""

    LOCAL = "local"
    ENTITY = "entity"
    UNKNOWN = "unknown"


class Type(msgspec.Struct, frozen=True):
    """A type: its kind, its class where known, and the types of its elements where it is a container."""

    kind: Kind
    cls: type | None = None
    elements: tuple[Type, ...] = ()

    def __str__(self) -> str:
        if self.kind is Kind.UNKNOWN:
            return "?"
        name = self.cls.__name__ if self.cls is not None else "?"
        inner = f"[{', '.join(map(str, self.elements))}]" if self.elements else ""
        return f"{'@' if self.kind is Kind.ENTITY else ''}{name}{inner}"

    @property
    def is_plain(self) -> bool:
        """Tell whether the value is local and of a class that has no user code."""
        return self.kind is Kind.LOCAL and self.cls is not None and self.cls.__module__ in PLAIN_MODULES

    @property
    def element(self) -> Type:
        """The type that iteration gives."""
        if self.cls is not None and self.cls in CONTAINERS and self.elements:
            return self.elements[0]
        if self.cls in SCALAR_ITERABLES:
            return local(SCALAR_ITERABLES[self.cls])
        return UNKNOWN


UNKNOWN = Type(Kind.UNKNOWN)
PLAIN_MODULES = frozenset({"builtins", "decimal", "fractions", "datetime", "uuid", "collections", "re", "math"})
CONTAINERS = frozenset({list, tuple, set, frozenset, dict, collections.deque, collections.OrderedDict, collections.Counter})
SCALAR_ITERABLES: dict[typing.Any, type] = {str: str, bytes: int, range: int, bytearray: int}


def local(cls: type, *elements: Type) -> Type:
    """Return the type of a local value of `cls`."""
    return Type(Kind.LOCAL, cls, elements)


def entity(cls: type) -> Type:
    """Return the type of an entity of `cls` seen from elsewhere."""
    return Type(Kind.ENTITY, cls)


def join(left: Type | None, right: Type) -> Type:
    """Return the type of a value that is of one or the other type."""
    if left is None or left == right:
        return right
    if left.kind is Kind.LOCAL and right.kind is Kind.LOCAL:
        if left.cls is right.cls and len(left.elements) == len(right.elements):
            return Type(Kind.LOCAL, left.cls, tuple(join(a, b) for a, b in zip(left.elements, right.elements, strict=True)))
        if left.is_plain and right.is_plain and left.cls in NUMBERS and right.cls in NUMBERS:
            return local(float)
    return UNKNOWN


NUMBERS = frozenset({int, float, bool, complex})


def derives(cls: type, base: type) -> bool:
    """Tell whether a class is a subclass of another one; a protocol that cannot be asked counts only what names it as a base."""
    try:
        return issubclass(cls, base)
    except TypeError:
        return base in cls.__mro__


def resolve_annotation(node: ast.expr | None, names: typing.Mapping[str, object], entities: frozenset[type]) -> Type:
    """Return the type that an annotation stands for; `UNKNOWN` for unions, `Any`, and whatever is not understood.

    Args:
        node: the annotation's expression.
        names: the names of the module.
        entities: the entity classes of the flow.
    """
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = ast.parse(node.value, mode="eval").body
        except SyntaxError:
            return UNKNOWN
    if isinstance(node, ast.Constant) and node.value is None:
        return local(type(None))
    if isinstance(node, ast.Subscript):
        return _resolve_subscript(node, names, entities)
    value = resolve_value(node, names)
    if isinstance(value, type):
        return _of_class(value, entities)
    return UNKNOWN


def _of_class(cls: type, entities: frozenset[type]) -> Type:
    if cls in entities:
        return entity(cls)
    if getattr(cls, "_is_protocol", False):
        return UNKNOWN
    if cls is object or any(derives(e, cls) for e in entities):
        return UNKNOWN
    if cls.__module__ in ("typing", "collections.abc", "abc"):
        return UNKNOWN
    return local(cls)


def _resolve_subscript(node: ast.Subscript, names: typing.Mapping[str, object], entities: frozenset[type]) -> Type:
    base = resolve_value(node.value, names)
    origin = base if isinstance(base, type) else getattr(base, "__origin__", None)
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if origin in CONTAINERS:
        elements = tuple(
            UNKNOWN if isinstance(e, ast.Constant) and e.value is ... else resolve_annotation(e, names, entities) for e in inner
        )
        if origin is tuple and not (len(inner) == 2 and isinstance(inner[1], ast.Constant) and inner[1].value is ...):
            return local(tuple, _join_all(elements), *elements)
        return local(origin, *elements)
    if isinstance(origin, type):
        return _of_class(origin, entities)
    return UNKNOWN


def _join_all(elements: tuple[Type, ...]) -> Type:
    result: Type | None = None
    for element in elements:
        result = join(result, element)
    return result or UNKNOWN


def resolve_value(node: ast.expr | None, names: typing.Mapping[str, object]) -> object:
    """Return the object that a dotted name stands for, following modules and classes only; None when it is not known."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        owner = resolve_value(node.value, names)
        if isinstance(owner, python_types.ModuleType | type):
            return getattr(owner, node.attr, None)
    return None
