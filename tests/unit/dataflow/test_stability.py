"""A state is stable when nothing in it changes by being read."""

from __future__ import annotations

from collections import Counter as Bag
from collections import OrderedDict, defaultdict, deque
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

import pytest

import stateflow
from stateflow.references import Reference


class Colour(Enum):
    RED = 1


class Pair(NamedTuple):
    a: int
    b: int


class Note:
    def __init__(self, text: str, more: object = None) -> None:
        self.text = text
        self.more = more


class Slotted:
    __slots__ = ("held",)

    def __init__(self, held: object) -> None:
        self.held = held


class Steps:
    def __next__(self) -> int:
        return 1


class OwnDict(dict):  # type: ignore[type-arg]
    def __missing__(self, key: object) -> int:
        self[key] = 0
        return 0


@stateflow.entity
class Shelf:
    def __init__(self, name: str, anything) -> None:
        self.name = name
        self.anything = anything
        self.number = 0
        self.words: list[str] = []
        self.prices: dict[str, int] = {}
        self.point: tuple[int, str] = (1, "a")

    def __key__(self) -> str:
        return self.name


FLOW = stateflow.init(Shelf)
CIRCLE: list[Any] = []
CIRCLE.append(CIRCLE)

STABLE: list[Any] = [
    None, 1, Decimal("1.5"), "text", [1, [2, {"a": (3, {4})}]], deque([1]), OrderedDict(a=[1]), Bag("abc"), bytearray(b"x"), Colour.RED,
    CIRCLE, Pair(1, 2), Note("a", [Note("b")]), Slotted([1]),
]  # fmt: skip
UNSTABLE: list[Any] = [
    iter([1]), enumerate([1]), defaultdict(int), [defaultdict(int)], {"a": iter([1])}, Note("a", iter([1])), Slotted(defaultdict(list)),
    Pair(1, iter([1])), Steps(), OwnDict(), ValueError("x"), lambda: 1, (n for n in [1]),
]  # fmt: skip


@pytest.mark.parametrize("value", STABLE, ids=lambda value: type(value).__name__)
def test_a_state_of_plain_values_is_stable(value: Any) -> None:
    assert FLOW.is_stable({"anything": value})


@pytest.mark.parametrize("value", UNSTABLE, ids=lambda value: type(value).__name__)
def test_a_state_that_changes_when_it_is_read_is_not_stable(value: Any) -> None:
    assert not FLOW.is_stable({"anything": value})


@pytest.mark.parametrize(
    "state", [{"number": [1]}, {"words": {"a": 1}}, {"words": [[1]]}, {"prices": {"a": [1]}}, {"prices": Note("x")}, {"point": (1, ["a"])}]
)
def test_a_field_that_is_not_what_the_compiler_took_it_for_is_not_stable(state: dict[str, Any]) -> None:
    assert not FLOW.is_stable(state)


def test_references_are_stable() -> None:
    reference: Reference = FLOW.reference_types[Shelf].__new__(FLOW.reference_types[Shelf])
    assert FLOW.is_stable({"anything": [reference]})
