"""What transactions send: moves, commits and bytes, counted on the wire."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

import stateflow
from stateflow.core.placement import EntityPlacement, PartitionPlacement
from stateflow.protocol.steps import Commit, Move, WriteBack, decode_envelope
from stateflow.runtime.simulation import Cluster


@stateflow.entity
class Link:
    def __init__(self, name: str, text: str = "") -> None:
        self.name, self.text, self.count = name, text, 0

    def __key__(self) -> str:
        return self.name

    def add(self, amount: int) -> int:
        self.count += amount
        return self.count

    def visit(self, others: list[Link]) -> int:
        total = 0
        for other in others:
            total += other.add(1)
            self.count += 1
        return total

    def visit_names(self, first: str, number: int) -> int:
        total = 0
        for n in range(number):
            total += Link.by_key(f"{first}{n}").add(1)
        return total

    def through(self, last: Link) -> int:
        self.count += last.add(1)
        return self.count

    def visit_through(self, others: list[Link], last: Link) -> int:
        total = 0
        for other in others:
            total += other.through(last)
        return total

    def keep_and_visit(self, others: list[Link], kept: str) -> tuple[int, int]:
        mine = [kept]
        self.count = 1
        total = self.visit(others)
        return total, len(mine[0])

    def keep_and_call_back(self, other: Link, kept: str) -> tuple[list[str], int]:
        mine = [kept[:1], kept[1:]]
        self.text = mine[0]
        count = other.change(self, "changed")
        return [self.text, mine[0], str(len(mine[1]))], count

    def change(self, other: Link, text: str) -> int:
        self.count += len(other.text)
        other.text = text
        return self.count

    def keep_and_catch(self, other: Link, kept: str) -> str:
        mine = [kept]
        try:
            other.refuse()
        except ValueError as error:
            return f"{error.args[0]} {len(mine[0])}"
        return "nothing was raised"

    def refuse(self) -> None:
        self.count += 1
        raise ValueError("refused")


class _Listing(Cluster):
    """Keeps the messages and counts the bytes between places."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bytes = 0
        self.largest = 0
        self.kinds: Counter[type] = Counter()

    def transmit(self, source: str, target: str, data: bytes) -> None:
        if source not in self.clients and target not in self.clients:
            self.bytes += len(data)
            self.largest = max(self.largest, len(data))
            self.kinds.update(type(message) for message in decode_envelope(data).messages)
        super().transmit(source, target, data)

    def forget(self) -> None:
        self.bytes = self.largest = 0
        self.kinds.clear()


def _cluster(placement: Any, **kwargs: Any) -> _Listing:
    return _Listing(stateflow.init(Link), placement, **kwargs)


def _create(cluster: _Listing, names: list[str], text: str = "") -> list[Any]:
    client = cluster.client(f"maker-{len(cluster.clients)}")
    futures = [client.create(Link, name, text) for name in names]
    cluster.run(lambda: all(future.done() for future in futures), max_steps=1_000_000)
    while cluster.deliver():
        pass
    cluster.forget()
    return [future.get() for future in futures]


def _call(cluster: _Listing, ref: Any, method: str, *args: Any) -> Any:
    client = cluster.client(f"caller-{len(cluster.clients)}")
    future = client.call(client.ref(Link, ref._sf_key), method, *args)
    cluster.run(future.done, max_steps=1_000_000)
    while cluster.deliver():
        pass
    return future.get()


@pytest.mark.parametrize("places", [2, 3, 9, 30])
def test_method_over_k_places_takes_k_minus_1_moves_and_as_many_commits(places: int) -> None:
    cluster = _cluster(EntityPlacement())
    first, *others = _create(cluster, [f"n{number}" for number in range(places)])
    assert _call(cluster, first, "visit", others) == places - 1
    assert cluster.kinds == {Move: places - 1, Commit: places - 1}


@pytest.mark.parametrize("few", [100, pytest.param(1_000, marks=pytest.mark.slow)])
def test_bytes_of_a_loop_grow_linearly_with_its_entities(few: int) -> None:
    sizes = {}
    for count in (few, 10 * few):
        cluster = _cluster(PartitionPlacement(16))
        first, *_ = _create(cluster, ["first", *(f"n{number}" for number in range(count))])
        assert _call(cluster, first, "visit_names", "n", count) == count
        assert cluster.kinds[Commit] == 15
        assert count * 0.85 < cluster.kinds[Move] <= count
        sizes[count] = cluster.bytes
    assert sizes[10 * few] < 11 * sizes[few]
    assert sizes[10 * few] < 600 * 10 * few


def test_bytes_of_a_loop_grow_linearly_where_each_entity_is_a_place() -> None:
    sizes = {}
    for count in (100, 400):
        cluster = _cluster(EntityPlacement())
        first, *_ = _create(cluster, ["first", *(f"n{number}" for number in range(count))])
        assert _call(cluster, first, "visit_names", "n", count) == count
        assert cluster.kinds == {Move: count, Commit: count}
        assert not any(machine.place.under_way() for machine in cluster.machines.values())
        sizes[count] = cluster.bytes
    assert sizes[400] < 4.4 * sizes[100]


def test_entities_whose_calls_have_returned_elsewhere_are_sent_home() -> None:
    sizes = {}
    for count in (40, 80, 160):
        cluster = _cluster(EntityPlacement())
        first, last, *others = _create(cluster, ["first", "last", *(f"n{number}" for number in range(count))], "x" * 300)
        for other in others:
            _call(cluster, other, "add", 100)
        cluster.forget()
        assert _call(cluster, first, "visit_through", others, last) == 100 * count + sum(range(1, count + 1))
        assert cluster.kinds[Move] == 2 * count
        assert cluster.kinds[Commit] <= count + 1
        assert 0 < cluster.kinds[WriteBack] <= count
        assert [_call(cluster, other, "add", 0) for other in others] == [100 + number for number in range(1, count + 1)]
        sizes[count] = cluster.largest
    # What is left to grow is the list of the others, a part of the frame, and those of the places, parts of the message.
    assert sizes[160] - sizes[80] < 80 * 60


@pytest.mark.parametrize("placement", [PartitionPlacement(16), EntityPlacement()])
def test_large_frames_wait_where_they_are(placement: Any) -> None:
    cluster = _cluster(placement)
    first, *others = _create(cluster, [f"n{number}" for number in range(21)])
    kept = "x" * 100_000
    cluster.forget()
    assert _call(cluster, first, "keep_and_visit", others, kept) == (20, 100_000)
    assert cluster.largest < 4_000
    assert cluster.kinds[Move] <= 40
    assert not any(machine.place.under_way() for machine in cluster.machines.values())
    assert not any(key.startswith(("f/", "v/")) for records in cluster.records.values() for key in records)
    assert _call(cluster, first, "add", 0) == 21


@pytest.mark.parametrize("size", [10, 100_000])
def test_call_back_to_an_entity_whose_frames_are_parked_finds_its_state(size: int) -> None:
    cluster = _cluster(EntityPlacement())
    first, other = _create(cluster, ["first", "other"])
    assert _call(cluster, first, "keep_and_call_back", other, "x" * size) == (["changed", "x", str(size - 1)], 1)
    assert _call(cluster, first, "change", other, "later") == 0
    assert _call(cluster, other, "change", first, "last") == 1 + len("changed")


@pytest.mark.parametrize("size", [10, 100_000])
def test_exceptions_come_back_to_parked_frames(size: int) -> None:
    cluster = _cluster(EntityPlacement())
    first, other = _create(cluster, ["first", "other"])
    assert _call(cluster, first, "keep_and_catch", other, "x" * size) == f"refused {size}"
    assert _call(cluster, other, "add", 0) == 1
