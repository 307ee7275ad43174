"""A state that is sent home while its transaction goes on may come after the transaction itself; nobody sees the former one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import stateflow
from stateflow.core.placement import EntityPlacement
from stateflow.core.saved import Left
from stateflow.protocol.steps import Commit, Move, WriteBack, decode_envelope
from stateflow.runtime.simulation import Cluster


@stateflow.entity
class Stop:
    def __init__(self, name: str) -> None:
        self.name, self.count = name, 0

    def __key__(self) -> str:
        return self.name

    def ride(self, first: Stop, second: Stop, third: Stop) -> list[int]:
        seen = [first.hop(second)]
        seen.append(third.add(1))
        seen.append(first.add(10))
        return seen

    def ride_and_end(self, first: Stop, second: Stop, third: Stop) -> list[int]:
        return [first.hop(second), third.add(1)]

    def ride_and_fail(self, first: Stop, second: Stop, third: Stop) -> list[int]:
        first.hop(second)
        third.add(1)
        first.add(10)
        raise ValueError("no")

    def hop(self, other: Stop) -> int:
        self.count += 1
        self.count += other.add(1)
        return self.count

    def add(self, amount: int) -> int:
        self.count += amount
        return self.count


class _Slow(Cluster):
    """Delivers envelopes with a `WriteBack` only when nothing else is left."""

    def deliver(self) -> bool:
        held = {channel: list(data) for channel, data in self.channels.items() if data and self._is_slow(data[0])}
        for channel in held:
            self.channels[channel].clear()
        delivered = super().deliver()
        for channel, data in held.items():
            self.channels[channel].extendleft(reversed(data))
        return delivered or super().deliver()

    def _is_slow(self, data: bytes) -> bool:
        return any(isinstance(message, WriteBack) for message in decode_envelope(data).messages)


class _Watching(_Slow):
    """Notes which messages had to wait for a `WriteBack`."""

    waited: set[type]

    def deliver(self) -> bool:
        delivered = super().deliver()
        for records in self.records.values():
            left = [msgspec.msgpack.decode(data, type=Left) for key, data in records.items() if key.startswith("t/")]
            self.waited |= {type(one.held) for one in left if one.held is not None}
        return delivered


@pytest.mark.parametrize("renews", [False, True])
@pytest.mark.parametrize(
    ("method", "reply", "counts", "waited"),
    [
        ("ride", [2, 1, 12], [12, 1, 1], {Move}),
        ("ride_and_end", [2, 1], [2, 1, 1], {Commit}),
        ("ride_and_fail", ValueError, [0, 0, 0], {Move}),
    ],
)
def test_what_comes_before_a_state_that_was_sent_earlier_waits_for_it(
    method: str, reply: Any, counts: list[int], waited: set[type], renews: bool
) -> None:
    cluster_class = type("WatchingCluster", (_Watching,), {"renews": renews, "waited": set()})
    cluster = cluster_class(stateflow.init(Stop), EntityPlacement(), options={"write_back_bytes": -1})
    client = cluster.client("c")
    refs = []
    for name in ("root", "first", "second", "third"):
        refs.append(client.wait(client.create(Stop, name)))
    while cluster.deliver():
        pass
    future = client.call(refs[0], method, *refs[1:])
    while cluster.deliver():
        pass
    if isinstance(reply, type):
        with pytest.raises(reply):
            future.get()
    else:
        assert future.get() == reply
    assert cluster.waited == waited
    assert not any(machine.place.under_way() for machine in cluster.machines.values())
    states = [client.wait(client.state(ref)) for ref in refs[1:]]
    assert [state["count"] for state in states] == counts
