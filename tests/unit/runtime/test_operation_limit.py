"""A transaction that takes operations without end is stopped and undone, whatever its method catches; the engine goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import stateflow
from stateflow.core import state
from stateflow.core.placement import EntityPlacement
from stateflow.errors import ConfigurationError, LimitExceeded
from stateflow.limits import TRANSACTION_OPERATIONS
from stateflow.options import LocalOptions
from stateflow.runtime.local import LocalClient, LocalRuntime
from stateflow.runtime.simulation.cluster import Cluster

LIMIT = 500


@stateflow.entity
class Cell:
    def __init__(self, name: str) -> None:
        self.name, self.value, self.turns = name, 0, 0

    def __key__(self) -> str:
        return self.name

    def step(self) -> int:
        self.value += 1
        return self.value

    def bounce(self, other: Cell) -> int:
        return other.step()

    def refuse(self) -> None:
        raise ValueError(self.name)

    def call_often(self, other: Cell, times: int) -> int:
        for _ in range(times):
            self.turns += other.step() > 0
        return self.turns

    def call_for_ever(self, other: Cell) -> None:
        while True:
            self.turns += 1
            other.step()

    def try_for_ever(self, other: Cell) -> None:
        while True:
            try:
                self.turns += 1
                other.refuse()
            except Exception:
                continue

    def catch_all_for_ever(self, other: Cell) -> None:
        while True:
            try:
                self.turns += 1
                other.step()
            except:  # noqa: E722
                pass

    def clean_up_for_ever(self, other: Cell) -> None:
        try:
            while True:
                other.step()
        finally:
            while True:
                other.step()

    def read_for_ever(self, other: Cell) -> int:
        while other.value >= 0:
            self.turns += 1
        return self.turns

    def write_for_ever(self, other: Cell) -> None:
        while True:
            other.value = self.turns

    def create_for_ever(self) -> None:
        number = 0
        while True:
            number += 1
            Cell(f"{self.name}-{number}")

    def step_each(self, count: int) -> int:
        return sum(Cell.by_key(f"{number}").step() for number in range(count))

    def steps(self, other: Cell) -> Iterator[int]:
        while True:
            yield other.step()

    def iterate_for_ever(self, other: Cell) -> None:
        for _ in self.steps(other):
            self.turns += 1

    def ping(self, other: Cell, times: int) -> int:
        return self.bounce(other) + (self.ping(other, times - 1) if times else 0)

    async def await_for_ever(self, other: Cell) -> None:
        while True:
            await self.astep(other)

    async def astep(self, other: Cell) -> int:
        return other.step()


FLOW = stateflow.init(Cell)


@contextmanager
def cells(path: Path | None = None, **options: Any) -> Iterator[tuple[LocalClient, Cell, Cell]]:
    suspends = options.pop("suspends", False)
    chosen = LocalOptions(transaction_operations=LIMIT, **options)
    with LocalRuntime(FLOW, options=chosen, suspend_everywhere=suspends, path=path) as runtime, runtime.client(bind=False) as client:
        yield client, client.create(Cell, "a").get(10), client.create(Cell, "b").get(10)


@pytest.mark.parametrize("suspends", [False, True], ids=["inline", "suspended"])
def test_operations_up_to_the_limit_are_taken_and_one_more_undoes_all(suspends: bool) -> None:
    with cells(suspends=suspends) as (client, a, b):
        # The call of the root method and its entry are two operations.
        largest = LIMIT - 2
        assert client.call(Cell.call_often, a, b, largest - 1).get(30) == largest - 1
        assert client.call(Cell.call_often, a, b, largest).get(30) == 2 * largest - 1
        with pytest.raises(LimitExceeded, match=f"SF530: the transaction took more than {LIMIT} operations on entities, and was undone"):
            client.call(Cell.call_often, a, b, largest + 1).get(30)
        assert client.state(a).get(10)["turns"] == client.state(b).get(10)["value"] == 2 * largest - 1


ENDLESS = [
    "call_for_ever", "try_for_ever", "catch_all_for_ever", "clean_up_for_ever", "read_for_ever", "write_for_ever",
    "iterate_for_ever", "await_for_ever",
]  # fmt: skip


@pytest.mark.parametrize("suspends", [False, True], ids=["inline", "suspended"])
@pytest.mark.parametrize("method", ENDLESS)
def test_loop_without_end_is_stopped_and_undone_and_the_engine_goes_on(method: str, suspends: bool) -> None:
    with cells(suspends=suspends) as (client, a, b):
        before = client.snapshot([a, b]).get(10)
        with pytest.raises(LimitExceeded, match="look for a loop that never ends"):
            client.call(a, method, b).get(60)
        assert client.snapshot([a, b]).get(10) == before
        assert client.call(Cell.bounce, a, b).get(10) == 1


def test_creation_without_end_leaves_no_entity_behind(tmp_path: Path) -> None:
    with cells(tmp_path / "cells.db") as (client, a, b):
        with pytest.raises(LimitExceeded, match="SF530: the transaction took more"):
            client.call(Cell.create_for_ever, a).get(60)
        assert client.list(Cell).get(10) == [a, b]


def test_each_request_has_the_whole_share() -> None:
    with cells() as (client, a, b):
        for turn in range(1, 4):
            assert client.call(Cell.call_often, a, b, LIMIT - 10).get(30) == turn * (LIMIT - 10)


def test_refusal_is_the_reply_for_good(tmp_path: Path) -> None:
    with cells(tmp_path / "cells.db") as (client, a, b):
        endless = client.call(Cell.call_for_ever, a, b)
        assert type(endless.exception(60)) is LimitExceeded
    with LocalRuntime(FLOW, path=tmp_path / "cells.db") as runtime, runtime.client(bind=False) as client:
        assert type(client.result(endless.request_id).exception(10)) is LimitExceeded


def test_a_loop_without_end_is_stopped_with_the_default_limit() -> None:
    assert LocalOptions().transaction_operations == TRANSACTION_OPERATIONS
    with LocalRuntime(FLOW) as runtime, runtime.client(bind=False) as client:
        a, b = client.create(Cell, "a").get(10), client.create(Cell, "b").get(10)
        assert type(client.call(Cell.call_for_ever, a, b).exception(100)) is LimitExceeded
        assert client.call(Cell.bounce, a, b).get(10) == 1


@pytest.mark.parametrize("method", ENDLESS)
def test_loop_without_end_over_several_places_is_stopped_and_undone_everywhere(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "TRANSACTION_OPERATIONS", LIMIT)
    cluster = Cluster(FLOW, EntityPlacement())
    client = cluster.client()
    a, b = (client.wait(client.create(Cell, name)) for name in "ab")
    with pytest.raises(LimitExceeded, match=f"SF530: the transaction took more than {LIMIT} operations"):
        client.wait(client.call(a, method, b))
    assert [client.wait(client.state(cell)) for cell in (a, b)] == [{"name": name, "value": 0, "turns": 0} for name in "ab"]
    assert client.wait(client.call(Cell.bounce, a, b)) == 1


def test_operations_on_entities_of_many_places_count_together(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(FLOW, EntityPlacement())
    client = cluster.client()
    cells = [client.wait(client.create(Cell, name)) for name in ["a", *map(str, range(30))]]
    monkeypatch.setattr(state, "TRANSACTION_OPERATIONS", 40)
    with pytest.raises(LimitExceeded, match="SF530: the transaction took more than 40 operations"):
        client.wait(client.call(Cell.step_each, cells[0], 30))
    assert client.wait(client.call(Cell.step_each, cells[0], 5)) == 5


def test_a_limit_without_room_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="transaction_operations is 0; it must be at least 1"):
        LocalOptions(transaction_operations=0)
