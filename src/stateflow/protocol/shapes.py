"""Shapes: how the objects of one exact type are taken apart and put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MemberDescriptorType
from typing import Any

__all__ = ["REFERENCE", "Shape", "alternating_names", "field_names"]

REFERENCE = "reference"
"""The tag of references, which are a class name and a key."""

Flatten = Callable[[Any], Sequence[Any]]
Make = Callable[[Sequence[Any]], Any]
New = Callable[[], Any]
Fill = Callable[[Any, Sequence[Any]], None]
Names = Callable[[Any], Sequence[str]]


class Shape:
    """How one exact type is taken apart and put together.

    A shape has either `make`, for objects that must have their parts at birth, or `new` and `fill`: an empty object first, its parts
    afterwards, so that it may hold itself.

    Attributes:
        tag: names the shape in bytes; unique in one codec.
        flatten: answers the children of an object.
        make: builds an object from its built children.
        new: answers an empty object.
        fill: gives an empty object its children.
        names: how the path of each child is printed (`.lock`, `[3]`); numbers in brackets when it is None.
        late: the children must be complete, not only begun: they are hashed or iterated when this object is put together.
        deep: any depth is harmless; CPython frees such objects without recursion and does not hash them.
        older: how objects that older code has stored are put together, where that is another way.
        slots: what reads and writes all that an object is, where `new` makes it: the members of its slots, or none, and then it is its
            `__dict__`; None where it is more or something else.
        is_tuple: an object is what its tuple holds.
    """

    __slots__ = ("deep", "fill", "flatten", "is_tuple", "late", "make", "names", "new", "older", "slots", "tag")

    def __init__(
        self,
        tag: str,
        flatten: Flatten,
        make: Make | None = None,
        new: New | None = None,
        fill: Fill | None = None,
        names: Names | None = None,
        *,
        late: bool = False,
        deep: bool = False,
    ) -> None:
        if (make is None) == (new is None) or (new is None) != (fill is None):
            raise TypeError(f"shape {tag!r} needs either make, or new and fill")
        self.tag = tag
        self.flatten = flatten
        self.make = make
        self.new = new
        self.fill = fill
        self.names = names
        self.late = late
        self.deep = deep
        self.older: Shape | None = None
        self.slots: Sequence[MemberDescriptorType] | None = None
        self.is_tuple = False

    def child_name(self, value: object, index: int) -> str:
        """Return how the path of one child is printed."""
        if self.names is not None:
            names = self.names(value)
            if index < len(names):
                return names[index]
        return f"[{index}]"

    def build(self, children: Sequence[Any]) -> Any:
        """Return an object of complete children."""
        if self.make is not None:
            return self.make(children)
        shell = self.new()  # type: ignore[misc]
        self.fill(shell, children)  # type: ignore[misc]
        return shell


def field_names(*names: str) -> Names:
    """Make a `names` function for objects whose children are always the same fields."""
    printed = tuple(f".{name}" for name in names)
    return lambda value: printed


def alternating_names(keys: Callable[[Any], Sequence[str]]) -> Names:
    """Make a `names` function for children that are name, value, name, value..."""

    def names(value: Any) -> list[str]:
        return [printed for key in keys(value) for printed in (f" attribute name {key!r}", f".{key}")]

    return names
