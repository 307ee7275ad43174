"""Copies of value objects: every kind of object is copied apart, and what was one object inside a value is one object in its copy."""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import pytest

import stateflow
from stateflow.protocol.values import ValueCodec


@dataclasses.dataclass
class Plain:
    first: Any
    second: Any = None


@dataclasses.dataclass(frozen=True)
class Frozen:
    first: Any
    second: Any = None


@dataclasses.dataclass(slots=True)
class Slotted:
    first: Any
    second: Any = None


class Mixed(Slotted):
    """Has slots and a `__dict__`."""


class Pair(NamedTuple):
    first: Any
    second: Any = None


class Falsy(tuple):  # type: ignore[type-arg]
    __slots__ = ()

    def __bool__(self) -> bool:
        raise AssertionError("the copy calls no code of a class")

    __eq__ = __hash__ = __len__ = __iter__ = __bool__  # type: ignore[assignment]


class Marked(tuple):  # type: ignore[type-arg]
    """A tuple with attributes of its own."""


@stateflow.entity
class Holder:
    def __init__(self, a: Plain, b: Frozen, c: Slotted, d: Mixed, e: Pair, f: Falsy, g: Marked) -> None:
        self.a = a

    def __key__(self) -> str:
        return "only"


CODEC = ValueCodec(stateflow.init(Holder).values, {})
CHANGEABLE = [Plain, Frozen, Slotted, Mixed]


@pytest.fixture(autouse=True)
def _only_the_quick_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse the slower way, which is right by itself and would hide a wrong quick one."""

    def refuse(*_: object) -> object:
        raise AssertionError("the quick copy gave up")

    monkeypatch.setattr(CODEC, "_copy_by_tables", refuse, raising=True)


@pytest.mark.parametrize("kind", CHANGEABLE)
def test_object_of_atoms_is_copied_apart(kind: Any) -> None:
    value = kind(1, "two")
    copied: Any = CODEC.copy(value)
    assert (type(copied), copied.first, copied.second) == (kind, 1, "two")
    assert copied is not value


@pytest.mark.parametrize("kind", [*CHANGEABLE, Pair])
def test_one_object_inside_a_value_is_one_object_in_its_copy(kind: Any) -> None:
    shared: list[int] = [1]
    inner = kind(shared, shared)
    value = [inner, inner, kind(inner, shared), shared]
    copied: Any = CODEC.copy(value)
    assert copied[0] is copied[1] is copied[2].first
    assert copied[0].first is copied[0].second is copied[2].second is copied[3]
    assert copied[0] is not inner
    assert copied[3] is not shared
    copied[3].append(2)
    assert shared == [1]


@pytest.mark.parametrize("kind", [Plain, Slotted, Mixed])
def test_object_that_holds_itself_does_so_in_its_copy(kind: Any) -> None:
    value = kind(1)
    value.second = [value]
    copied: Any = CODEC.copy(value)
    assert copied.second[0] is copied
    assert copied is not value


@pytest.mark.parametrize("kind", [Slotted, Mixed])
def test_slot_that_is_not_set_is_not_set_in_the_copy(kind: Any) -> None:
    value = kind(1, 2)
    del value.second
    copied: Any = CODEC.copy(value)
    assert copied.first == 1
    assert not hasattr(copied, "second")


def test_attributes_beside_slots_and_beside_a_tuple_are_copied() -> None:
    mixed, marked = Mixed(1, [2]), Marked((1, [2]))
    mixed.more, marked.more = [3], [4]  # type: ignore[attr-defined]
    copied: Any = CODEC.copy([mixed, marked, mixed.more, marked.more])  # type: ignore[attr-defined]
    assert copied[0].more is copied[2]
    assert copied[1].more is copied[3]
    assert (copied[0].second, tuple(copied[1]), copied[2], copied[3]) == ([2], (1, [2]), [3], [4])
    assert copied[2] is not mixed.more  # type: ignore[attr-defined]


def test_attribute_whose_name_is_an_object_is_copied_too() -> None:
    value: Any = Plain(1)
    name = (Frozen(1), [])
    vars(value)[name[0]] = name
    copied: Any = CODEC.copy([value, name[0]])
    assert copied[1] in list(vars(copied[0]))
    assert any(held is copied[1] for held in vars(copied[0]))


def test_named_tuple_of_atoms_stays_and_one_with_a_list_is_copied() -> None:
    atoms, changing = Pair(1, "two"), Pair(1, [2])
    assert CODEC.copy(atoms) is atoms
    copied: Any = CODEC.copy(changing)
    assert type(copied) is Pair
    assert copied == changing
    assert copied.second is not changing.second


def test_cycle_through_a_named_tuple_is_closed_in_the_copy() -> None:
    held: list[Any] = []
    value = Pair(held, 1)
    held.append(value)
    copied: Any = CODEC.copy(value)
    assert copied.first[0] is copied


def test_copy_of_a_tuple_calls_no_code_of_its_class() -> None:
    value = Falsy(([1], 2))
    copied: Any = CODEC.copy([value, value])
    assert copied[0] is copied[1]
    assert list(tuple.__iter__(copied[0])) == [[1], 2]
