"""Places count what happens between them: moves, waits, transactions that begin again."""

from __future__ import annotations

from collections import deque

import pytest

import stateflow
from stateflow.core.machine import Machine
from stateflow.core.placement import PartitionPlacement
from stateflow.protocol.client_values import ClientValues
from stateflow.protocol.messages import Operation, Request
from stateflow.protocol.steps import Envelope, decode_envelope, encode_envelope
from stateflow.references import ReferenceTable


@stateflow.entity
class Purse:
    def __init__(self, name: str) -> None:
        self.name, self.coins = name, 0

    def __key__(self) -> str:
        return self.name

    def add(self, coins: int) -> int:
        self.coins += coins
        return self.coins

    def give(self, other: Purse) -> int:
        self.coins -= 1
        return other.add(1)


FLOW = stateflow.init(Purse)
PLACES = PartitionPlacement(2)


class Town:
    """Two places, and what is on its way between them."""

    def __init__(self) -> None:
        self.machines = {name: Machine(FLOW, name, PLACES, {}) for name in PLACES.names}
        self.references = ReferenceTable(FLOW.reference_types, None)  # type: ignore[arg-type]
        self.values = ClientValues(FLOW, self.references, "client")
        self.under_way: deque[tuple[str, bytes]] = deque()
        self.replies: dict[str, object] = {}
        self.here, self.there = (next(key for key in map(str, range(99)) if PLACES.home(Purse, key) == name) for name in PLACES.names)
        for key in (self.here, self.there):
            self.send(f"create {key}", Operation.CREATE, None, "", key)
        self.deliver()
        self.taken()

    def send(self, request_id: str, operation: Operation, key: str | None, name: str, *args: object) -> None:
        request = Request(request_id=request_id, time_ns=1, operation=operation, class_name="Purse", key=key, name=name, args=args)
        place = PLACES.start(Purse, key, request_id)
        self._receive(place, encode_envelope(Envelope("client", place, 0, 0, (self.values.write(request),))))

    def deliver(self) -> None:
        while self.under_way:
            self._receive(*self.under_way.popleft())

    def taken(self) -> dict[str, dict[str, int]]:
        return {name: machine.place.counts.take() for name, machine in self.machines.items()}

    def _receive(self, place: str, data: bytes) -> None:
        for target, sent in self.machines[place].receive(data, 1):
            if target in self.machines:
                self.under_way.append((target, sent))
            else:
                replies = map(self.values.read, decode_envelope(sent).messages)
                self.replies |= {reply.request_id: reply.value for reply in replies}


@pytest.fixture
def town() -> Town:
    return Town()


def test_move_is_counted_where_the_transaction_left(town: Town) -> None:
    town.send("r", Operation.CALL, town.here, "give", town.references.get(Purse, town.there))
    town.deliver()
    assert town.replies["r"] == 1
    assert town.taken() == {"0": {"moves": 1}, "1": {}}
    assert town.taken() == {"0": {}, "1": {}}


def test_transaction_that_stays_is_not_counted(town: Town) -> None:
    town.send("r", Operation.CALL, town.here, "add", 5)
    assert town.replies["r"] == 5
    assert town.taken() == {"0": {}, "1": {}}


def test_transaction_that_meets_a_held_entity_waits_and_begins_again(town: Town) -> None:
    town.send("r", Operation.CALL, town.here, "give", town.references.get(Purse, town.there))
    town.send("s", Operation.CALL, town.here, "add", 5)
    assert "s" not in town.replies
    assert town.taken() == {"0": {"moves": 1, "waits": 1}, "1": {}}
    town.deliver()
    assert (town.replies["r"], town.replies["s"]) == (1, 4)
    assert town.taken() == {"0": {"restarts": 1}, "1": {}}
