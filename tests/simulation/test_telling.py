"""A transaction that was at many places leaves their names behind: each still hears how it ended, once, with what it needs."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

import stateflow
from stateflow.core.ending import Ending
from stateflow.core.moving import Moving
from stateflow.core.placement import EntityPlacement, PartitionPlacement
from stateflow.runtime.simulation import Cluster

if TYPE_CHECKING:
    from collections.abc import Callable

SEEDS = 15
NAMES = "abcdefghij"


@stateflow.entity
class Stage:
    def __init__(self, name: str) -> None:
        self.name, self.count = name, 0

    def __key__(self) -> str:
        return self.name

    def add(self, count: int) -> int:
        self.count += count
        return self.count

    def add_back(self, origin: Stage, count: int) -> int:
        self.count += origin.add(count)
        return self.count

    def through(self, last: Stage, count: int) -> int:
        self.count += count
        self.count += last.add(count)
        return self.count

    def through_to(self, last: Stage, other: Stage) -> int:
        self.count += last.add_back(other, 1)
        return self.count

    def tour(self, before: list[Stage], ways: tuple[Stage, Stage, Stage], after: list[Stage]) -> None:
        """Call others, then one through another back to its own place, then others."""
        for stage in before:
            stage.add(1)
        stage, last, other = ways
        stage.through_to(last, other)
        for stage in after:
            stage.add(1)

    def walk(self, steps: list[tuple[Stage, Stage | None]], fails: bool) -> int:
        """Call others in turn, some of them through others."""
        for number, (stage, last) in enumerate(steps):
            self.count += stage.add(number) if last is None else stage.through(last, number)
        if fails:
            raise ValueError(self.count)
        return self.count


def _walk(seed: int, **options: int) -> list[str]:
    """Let some transactions walk over ten entities, one after another; return what is wrong afterwards."""
    draw = random.Random(seed)
    cluster = Cluster(stateflow.init(Stage), EntityPlacement(), seed=seed, options={"visited_places": draw.choice((1, 1, 2)), **options})
    client = cluster.client()
    plain = {name: Stage(name) for name in NAMES}
    for name in NAMES:
        client.create(Stage, name)
    _drain(cluster)
    wrong = []
    for _ in range(4):
        steps = [(draw.choice(NAMES[1:]), draw.choice((*[None] * 14, *NAMES[1:]))) for _ in range(draw.randrange(2, 24))]
        steps = [(stage, None if stage == last else last) for stage, last in steps]
        fails = draw.random() < 0.3
        remote = [(client.ref(Stage, stage), None if last is None else client.ref(Stage, last)) for stage, last in steps]
        future = client.call(client.ref(Stage, "a"), "walk", remote, fails)
        _drain(cluster)
        before = {name: stage.count for name, stage in plain.items()}
        try:
            expected: Any = plain["a"].walk([(plain[stage], None if last is None else plain[last]) for stage, last in steps], fails)
        except ValueError as error:
            expected = repr(error)
            for name, count in before.items():
                plain[name].count = count
        if not future.done():
            return [*wrong, "a request has no reply"]
        found = repr(future.exception()) if future.exception() else future.get()
        wrong += [f"{found} instead of {expected}"] if found != expected else []
        wrong += [f"{name}: {left}" for name, machine in cluster.machines.items() if (left := machine.place.under_way())]
        wrong += [f"kept: {key}" for records in cluster.records.values() for key in records if key.startswith("b/")]
        states = {name: client.state(client.ref(Stage, name)) for name in NAMES}
        _drain(cluster)
        for name, state in states.items():
            if not state.done():
                return [*wrong, f"{name} cannot be read"]
            if state.get()["count"] != plain[name].count:
                wrong.append(f"{name} is {state.get()['count']} instead of {plain[name].count}")
    return wrong


def _drain(cluster: Cluster) -> None:
    while cluster.deliver():
        pass


@pytest.mark.parametrize("options", [{}, {"write_back_bytes": -1}, {"park_bytes": 0}])
def test_each_place_hears_how_a_transaction_ended(options: dict[str, int]) -> None:
    assert [(seed, wrong) for seed in range(SEEDS) if (wrong := _walk(seed, **options))] == []


def _tells_when_told(patch: pytest.MonkeyPatch) -> None:
    original = Moving._leave_list

    def leave_list(self: Any, tx: Any) -> None:
        is_told, tx.is_told = tx.is_told, False
        original(self, tx)
        tx.is_told = is_told

    patch.setattr(Moving, "_leave_list", leave_list)


def _never_rejoins(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Moving, "_rejoin", lambda self, tx: None)


def _listens_to_all(patch: pytest.MonkeyPatch) -> None:
    def told(self: Any, message: Any) -> Any:
        left = self.left.get(message.request_id)
        return left if left is not None and left.header.attempt == message.attempt else None

    patch.setattr(Ending, "_told", told)


@pytest.mark.parametrize("plant", [_tells_when_told, _never_rejoins, _listens_to_all])
def test_bug_in_that_is_found(plant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch)
    assert any(_fails(seed) for seed in range(SEEDS))


def _fails(seed: int) -> bool:
    try:
        return bool(_walk(seed))
    except AssertionError:
        return True


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_place_that_joined_again_is_not_left_in_a_list_again(is_forgotten: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    original = Moving._unpack

    def unpack(self: Any, tx: Any, move: Any) -> None:
        original(self, tx, move)
        if is_forgotten:
            tx.rejoined = set()

    monkeypatch.setattr(Moving, "_unpack", unpack)
    placement = PartitionPlacement(10)
    homes = {number: [name for name in map("s{}".format, range(200)) if placement.home(Stage, name) == str(number)] for number in range(10)}
    cluster = Cluster(stateflow.init(Stage), placement, options={"visited_places": 1})
    client = cluster.client()
    stages = [client.wait(client.create(Stage, homes[number][0])) for number in range(10)]
    neighbour = client.wait(client.create(Stage, homes[1][1]))
    _drain(cluster)
    # 3 leaves a list with 2 in it, and 2 one with 1; an entity of 1 travels then, and comes home again; a later place leaves a list.
    client.call(stages[0], "tour", stages[1:4], (stages[1], stages[4], neighbour), stages[5:])
    _drain(cluster)
    assert any(machine.place.under_way() for machine in cluster.machines.values()) is is_forgotten
