"""One step may free several entities, and who is woken at one of them may take the next before those that waited for it."""

from __future__ import annotations

from collections import deque

import pytest

import stateflow
from stateflow.core.locks import Queues
from stateflow.core.placement import PartitionPlacement
from stateflow.runtime.simulation import Cluster

PLACES = PartitionPlacement(4)


@stateflow.entity
class Knot:
    def __init__(self, name: str) -> None:
        self.name, self.count = name, 0

    def __key__(self) -> str:
        return self.name

    def add(self, count: int) -> int:
        self.count += count
        return self.count

    def go(self, others: list[Knot]) -> int:
        self.count += 1
        for other in others:
            other.add(1)
        return self.count


class _Ordered(Cluster):
    def pass_on(self, source: str, target: str) -> None:
        """Deliver the next envelope from one to another."""
        others = {channel: data for channel, data in self.channels.items() if channel != (source, target)}
        self.channels = {(source, target): self.channels[source, target]}
        data, *rest = self.channels[source, target]
        self.channels[source, target] = deque([data])
        assert self.deliver()
        for channel, sent in self.channels.items():
            others.setdefault(channel, deque()).extend(sent)
        others.setdefault((source, target), deque()).extend(rest)
        self.channels = others


def _names(place: str) -> list[str]:
    return [name for name in map("k{}".format, range(100)) if PLACES.home(Knot, name) == place]


def _run() -> tuple[_Ordered, bool]:
    """Let three transactions meet: T holds `one` and `two`; an older one that holds `held` waits for `two`; the oldest, which will want
    `one`, `two` and `held`, waits for `one`. Then T ends."""
    cluster = _Ordered(stateflow.init(Knot), PLACES)
    client = cluster.client("c")
    (one, two, *_), (held, *_), (t, last, *_), (old, *_) = (_names(str(place)) for place in range(4))
    names = {"one": one, "two": two, "held": held, "t": t, "last": last, "old": old}
    knot = {title: client.wait(client.create(Knot, name)) for title, name in names.items()}
    while cluster.deliver():
        pass
    oldest = client.call(knot["old"], "go", [knot["one"], knot["two"], knot["held"]])
    older = client.call(knot["held"], "go", [knot["two"]])
    youngest = client.call(knot["t"], "go", [knot["one"], knot["two"], knot["last"]])
    for source, target in [("c", "3"), ("c", "1"), ("c", "2"), ("2", "0"), ("1", "0"), ("3", "0"), ("0", "2"), ("2", "0")]:
        cluster.pass_on(source, target)
    while cluster.deliver():
        pass
    states = [client.state(reference) for reference in knot.values()]
    while cluster.deliver():
        pass
    futures = (oldest, older, youngest)
    is_done = all(future.done() for future in futures)
    if is_done:
        assert [state.get()["count"] for state in states] == [2, 3, 2, 1, 1, 1]
    return cluster, is_done


def test_who_waits_with_something_in_hand_for_an_entity_that_an_older_one_took_first_dies() -> None:
    cluster, is_done = _run()
    assert is_done
    assert not any(machine.place.under_way() for machine in cluster.machines.values())


def test_without_that_the_two_wait_for_each_other_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Queues, "take_younger", lambda self, label, holders, readers: [])
    assert not _run()[1]
