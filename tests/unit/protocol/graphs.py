"""Classes that values are made of in these tests, the codec that knows them, and a comparison of object graphs."""

from __future__ import annotations

import enum
from collections import OrderedDict, defaultdict, deque
from dataclasses import dataclass, field
from types import CellType
from typing import Any, NamedTuple

import attrs
import msgspec
import pydantic

from stateflow.protocol.values import ValueCodec, ValueTypes


@dataclass
class Cart:
    owner: str
    items: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Price:
    amount: Any
    currency: str = "EUR"


class Plain:
    pass


class Slotted:
    __slots__ = ("left", "right")


class Place(NamedTuple):
    row: Any
    column: Any


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Record(msgspec.Struct):
    name: str
    tags: list[Any]


@attrs.define
class Address:
    street: str
    number: Any


class Order(pydantic.BaseModel):
    lines: list[int]
    note: str = ""


class Stack(list):
    pass


class Word(str):
    pass


class ShopError(Exception):
    def __init__(self, item: str, *, amount: int) -> None:
        super().__init__(f"{amount} of {item}")
        self.item = item
        self.amount = amount


CLASSES = (Cart, Price, Plain, Slotted, Place, Colour, Access, Record, Address, Order, Stack, Word, ShopError)


def make_codec() -> ValueCodec:
    types = ValueTypes()
    for cls in CLASSES:
        types.register_class(cls, cls.__name__)
    return ValueCodec(types)


CODEC = make_codec()


def through_bytes(value: Any) -> Any:
    return CODEC.decode(CODEC.encode(value))


WAYS = {"bytes": through_bytes, "copy": CODEC.copy}


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        own = list(vars(value).items()) if hasattr(value, "__dict__") else []
        factory = [value.default_factory] if isinstance(value, defaultdict) else []
        return [*factory, *[part for pair in value.items() for part in pair], *own]
    if isinstance(value, list | tuple | deque):
        return [*value, *getattr(value, "__dict__", {}).items()]
    if isinstance(value, CellType):
        return [value.cell_contents]
    if isinstance(value, Slotted):
        return [(name, getattr(value, name)) for name in Slotted.__slots__ if hasattr(value, name)]
    if isinstance(value, Price):
        return [value.amount, value.currency]
    if isinstance(value, Plain | Cart):
        return list(vars(value).items())
    return []


def is_same_graph(left: Any, right: Any) -> bool:
    """Tell whether two graphs have equal types, atoms, order and sharing of what can change or be told apart by `is`."""
    to_right: dict[int, int] = {}
    to_left: dict[int, int] = {}
    kept: list[Any] = []
    waiting = [(left, right)]
    while waiting:
        one, other = waiting.pop()
        if type(one) is not type(other):
            return False
        parts, other_parts = _parts(one), _parts(other)
        kept += (parts, other_parts)
        if not parts and not isinstance(one, list | dict | deque | Plain | Slotted):
            if one != other and one == one:
                return False
            continue
        known = to_right.get(id(one)), to_left.get(id(other))
        if known == (id(other), id(one)):
            continue
        if not isinstance(one, tuple) and known != (None, None):
            return False
        to_right[id(one)], to_left[id(other)] = id(other), id(one)
        if len(parts) != len(other_parts):
            return False
        waiting += zip(parts, other_parts, strict=True)
    return True


__all__ = ["CLASSES", "CODEC", "WAYS", "OrderedDict", "is_same_graph", "through_bytes", *(c.__name__ for c in CLASSES)]
