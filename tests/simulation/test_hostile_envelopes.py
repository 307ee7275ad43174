"""Whatever bytes come to a place, it answers, keeps them as a dead letter or stops with a reason; it never fails."""

from __future__ import annotations

import contextlib
import random
from typing import Any

import pytest

import stateflow
from stateflow.core.machine import Machine
from stateflow.core.placement import PartitionPlacement
from stateflow.errors import PlaceStopped
from stateflow.runtime.simulation import Cluster
from tests.simulation.test_transfers import Purse

Step = tuple[str, dict[str, bytes], bytes, int]


class _Recording(Cluster):
    """Keeps each step: place, records before it, envelope, time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.steps: list[Step] = []

    def _step(self, machine: Machine, data: bytes) -> None:
        self.steps.append((machine.name, dict(self.records[machine.name]), data, self._now_ns))
        super()._step(machine, data)


FLOW = stateflow.init(Purse)
PLACEMENT = PartitionPlacement(3)


@pytest.fixture(scope="module")
def steps() -> list[Step]:
    cluster = _Recording(FLOW, PLACEMENT, options={"park_bytes": 0, "write_back_bytes": -1})
    client = cluster.client()
    refs = [client.wait(client.create(Purse, name, 20)) for name in "abcde"]
    sent = [client.call(refs[n % 5], "pay", refs[(n + 1) % 5], 3) for n in range(20)]
    sent.append(client.call(refs[0], "round_trip", refs[1:]))
    while cluster.deliver():
        pass
    assert all(future.done() for future in sent)
    return cluster.steps


def _damaged(data: bytes, draw: random.Random) -> bytes:
    """Return an envelope with one to four bytes changed, taken out or put in."""
    damaged = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 4))):
        place = draw.randrange(len(damaged))
        match draw.randrange(5):
            case 0:
                del damaged[place]
            case 1:
                damaged.insert(place, draw.randrange(256))
            case _:
                damaged[place] = draw.randrange(256)
    return bytes(damaged)


@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(4, 40))])
def test_damaged_envelopes_never_make_a_place_fail(seed: int, steps: list[Step]) -> None:
    draw = random.Random(seed)
    for _ in range(250):
        name, records, data, now_ns = draw.choice(steps)
        machine = Machine(FLOW, name, PLACEMENT, records)
        with contextlib.suppress(PlaceStopped):
            machine.receive(_damaged(data, draw), now_ns)
            machine.receive(data, now_ns)
        assert not [letter.reason for letter in machine.dead_letters.all() if "SF510" in letter.reason]
