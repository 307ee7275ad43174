"""New code goes on at a place where older code has ended everything under way: it takes the states over, one by one."""

from __future__ import annotations

from typing import Any

import pytest

from stateflow.core.machine import Machine
from stateflow.core.placement import PartitionPlacement
from stateflow.core.records import put_changes
from stateflow.dataflow import Dataflow
from stateflow.errors import NewerSchema, UpgradeFailed
from stateflow.protocol.client_values import ClientValues
from stateflow.protocol.keys import encode_key
from stateflow.protocol.messages import Operation, Request
from stateflow.protocol.steps import Answer, Envelope, decode_envelope, encode_envelope
from stateflow.references import ReferenceTable
from tests.unit.dataflow.versions import flow_of

OLD = """
    @stateflow.entity
    class User:
        def __init__(self, name: str, balance: int):
            self.name, self.balance, self.friends = name, balance, [self]

        def __key__(self) -> str:
            return self.name

        def pay(self, amount: int, other: "User") -> int:
            self.balance -= amount
            other.take(amount)
            self.friends.append(other)
            return self.balance

        def take(self, amount: int) -> None:
            self.balance += amount

        def look(self) -> tuple:
            return self.balance, self.friends
"""
NEW = """
    @stateflow.renamed("User")
    @stateflow.entity
    class Customer:
        __version__ = 1

        def __init__(self, name: str, balance: int):
            self.name, self.cents, self.friends = name, balance * 100, [self]
            self.payments = []

        def __key__(self) -> str:
            return self.name

        def __upgrade__(self, state):
            if state["balance"] > 50:
                raise LookupError("too rich")
            self.cents = state["balance"] * 100

        @stateflow.renamed("pay")
        def transfer(self, amount: int, other: "Customer") -> int:
            self.cents -= amount * 100
            other.take(amount)
            self.payments.append(amount)
            return self.cents

        def take(self, amount: int) -> None:
            self.cents += amount * 100

        def look(self) -> tuple:
            return self.cents, self.friends, self.payments
"""


class Places:
    """Two places over dicts, and a client. Each envelope is handled by a machine of its own, as after a crash."""

    def __init__(self) -> None:
        self.placement = PartitionPlacement(2)
        self.records: dict[str, dict[str, bytes]] = {"0": {}, "1": {}}
        self.requests = 0

    def machine(self, flow: Dataflow, place: str) -> Machine:
        return Machine(flow, place, self.placement, self.records[place])

    def receive(self, flow: Dataflow, place: str, data: bytes) -> list[tuple[str, bytes]]:
        machine = self.machine(flow, place)
        out = machine.receive(data, 1)
        put_changes(self.records[place], machine.take_changes())
        assert machine.dead_letters.all() == []
        return out

    def ask(self, flow: Dataflow, class_name: str, key: str, name: str, *args: Any) -> Any:
        """Send a request, deliver what comes of it to its end, and return the reply."""
        references = ReferenceTable(flow.reference_types, None)  # type: ignore[arg-type]
        values, self.requests = ClientValues(flow, references, "client"), self.requests + 1
        # Text that a method takes is the key of another entity.
        given = tuple(references.get(flow.by_name[class_name], a) if name and type(a) is str else a for a in args)
        operation = Operation.CALL if name else Operation.CREATE
        request = Request(
            request_id=f"r-{self.requests}", time_ns=1, operation=operation, class_name=class_name, key=key if name else None, name=name,
            args=given,
        )  # fmt: skip
        begin = self.placement.start(flow.by_name[class_name], request.key, request.request_id)
        waiting = [(begin, encode_envelope(Envelope("client", begin, 0, 0, (values.write(request),))))]
        answers = []
        while waiting:
            place, data = waiting.pop(0)
            if place == "client":
                answers += [message for message in decode_envelope(data).messages if isinstance(message, Answer)]
            else:
                waiting += self.receive(flow, place, data)
        (answer,) = answers
        reply = values.read(answer)
        return reply.value if reply.error is None else reply.error

    def states(self) -> dict[str, bytes]:
        return {key: data for records in self.records.values() for key, data in records.items() if key.startswith("e/")}


@pytest.fixture
def places() -> Places:
    places, flow = Places(), flow_of(OLD)
    for name, balance in (("ann", 10), ("bob", 20), ("eve", 90), ("zoe", 5)):
        places.ask(flow, "User", "", "", name, balance)
    assert places.ask(flow, "User", "ann", "pay", 3, "bob") == 7
    return places


def test_states_are_taken_over_wherever_they_live(places: Places) -> None:
    assert all(any(key.startswith("e/") for key in records) for records in places.records.values())
    flow = flow_of(NEW)
    cents, friends, payments = places.ask(flow, "Customer", "ann", "look")
    assert (cents, [friend._sf_key for friend in friends], payments) == (700, ["ann", "bob"], [])
    assert places.ask(flow, "User", "ann", "pay", 2, "bob") == 500
    assert places.ask(flow, "Customer", "bob", "look")[0] == 2500
    assert places.ask(flow, "Customer", "zoe", "look")[0] == 500
    assert places.ask(flow, "Customer", "", "", "new", 1)._sf_key == "new"


def test_state_is_written_anew_when_a_method_changes_the_entity_and_not_before(places: Places) -> None:
    flow, before = flow_of(NEW), places.states()
    for _ in range(2):
        places.ask(flow, "Customer", "zoe", "look")
    after = places.states()
    label = f"e/User/{encode_key('zoe').hex()}"
    assert after == before
    places.ask(flow, "Customer", "zoe", "take", 1)
    assert [key for key, state in places.states().items() if state != after[key]] == [label]
    assert places.ask(flow, "Customer", "zoe", "look")[0] == 600


def test_state_that_cannot_be_taken_over_ends_the_request_and_stays(places: Places) -> None:
    flow, before = flow_of(NEW), places.states()
    for _ in range(2):
        error = places.ask(flow, "Customer", "eve", "look")
        assert isinstance(error, UpgradeFailed)
        assert "User" in error.version
    assert sorted(places.states().values()) == sorted(before.values())


def test_older_code_is_refused_at_a_place_where_newer_code_has_written(places: Places) -> None:
    numbered = OLD + "\n        __version__ = 2\n"
    places.ask(flow_of(numbered), "User", "zoe", "take", 1)
    (place,) = [name for name, records in places.records.items() if "e/User/" + encode_key("zoe").hex() in records]
    with pytest.raises(NewerSchema, match="its __version__ is 2, not 0"):
        places.machine(flow_of(OLD), place)


def test_undo_gives_back_the_state_of_the_older_version(places: Places) -> None:
    failing = NEW.replace("self.payments.append(amount)", "raise ValueError(other.cents)")
    flow, before = flow_of(failing), places.states()
    assert repr(places.ask(flow, "Customer", "ann", "transfer", 1, "bob")) == "ValueError(2400)"
    assert sorted(places.states().values()) == sorted(before.values())
    assert places.ask(flow_of(NEW), "Customer", "bob", "look")[0] == 2300
