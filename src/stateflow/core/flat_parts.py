"""What a flat context is made of, as msgspec reads it. It stands apart since mypyc does not keep the annotations that msgspec needs."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

__all__ = ["Context", "Suspended", "Travelling"]

_Scalar = None | bool | int | float | str
_Part = _Scalar | tuple[_Scalar, ...]
"""A scalar; or a tuple: of a class's name and a key for a reference, of a number for an entity that travels, of None for UNBOUND."""
_Number = Annotated[int, Meta(ge=0)]
"""The number of an entity that travels, from 1; 0 is none."""


class Suspended(Struct, frozen=True, array_like=True, gc=False):
    """A frame that handles no exception: the name and the digest of its code, where it goes on, its variables.

    Under it is the call of `callee` by `caller`, or by the client; where there is no callee, its own caller is the frame under it.
    """

    caller: _Number
    callee: _Number
    name: str
    digest: str
    pc: int
    variables: list[_Part]


class Travelling(Struct, frozen=True, array_like=True, gc=False):
    """An entity that travels: its class, its key, its attributes (None: it does not exist)."""

    class_name: str
    key: _Scalar
    state: dict[str, _Part] | None


class Context(Struct, frozen=True, array_like=True, gc=False):
    """All of it.

    `is_called` tells whether the client's call is under all; `domain` is the number of the entity whose method runs, `mark` that of the
    versions of the classes.
    """

    travelling: list[Travelling]
    is_called: bool
    frames: list[Suspended]
    operation: str
    given: list[_Part]
    args: list[_Part]
    kwargs: dict[str, _Part]
    domain: _Number
    stop: _Part
    operations_left: int
    open_generators: int
    mark: int
