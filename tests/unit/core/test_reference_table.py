"""References: one object for each entity while anyone has it, and nothing of it afterwards."""

from __future__ import annotations

import gc

import stateflow
from stateflow.core.store import Store
from stateflow.references import Reference, ReferenceTable


@stateflow.entity
class Leaf:
    def __init__(self, name: str) -> None:
        self.name = name

    def __key__(self) -> str:
        return self.name


class Counted(ReferenceTable):
    """Tells how many references it knows."""

    @property
    def size(self) -> int:
        return len(self._known)


def table() -> Counted:
    flow = stateflow.init(Leaf)
    return Counted(flow.reference_types, Store(flow))


def test_entity_has_one_reference_while_it_is_held_and_leaves_nothing_when_it_is_not() -> None:
    made = table()
    for turn in range(3):
        held: list[Reference] = [made.get(Leaf, number % 50) for number in range(200)]
        assert len({id(reference) for reference in held}) == made.size == 50, turn
        del held[50:]
        assert made.size == 50
        held.clear()
        assert made.size == 0


def test_reference_that_the_collector_finds_does_not_take_its_successor_along() -> None:
    made = table()
    ring: list[object] = [made.get(Leaf, "oak")]
    ring.append(ring)
    del ring
    gc.collect()
    assert made.size == 0
    oak = made.get(Leaf, "oak")
    gc.collect()
    assert made.get(Leaf, "oak") is oak
    assert made.size == 1
