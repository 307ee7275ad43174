"""Memory comes back: the collector does not look at records of entities, so no cycle that leads through one may be left behind."""

from __future__ import annotations

import gc
from collections import deque
from typing import Any

import pytest

import stateflow
from stateflow.core.machine import Machine
from stateflow.core.place import Place
from stateflow.core.placement import PartitionPlacement
from stateflow.errors import PlaceStopped
from stateflow.failpoints import Action, InjectedFailure, arm
from stateflow.options import LocalOptions
from stateflow.protocol.client_values import ClientValues
from stateflow.protocol.messages import Operation, Request
from stateflow.protocol.steps import Envelope, decode_envelope, encode_envelope
from stateflow.references import ReferenceTable
from stateflow.runtime.local.engine import LocalEngine
from stateflow.runtime.local.memory import MemoryDatabase


@stateflow.entity
class Member:
    """An entity that knows others, itself, and perhaps what went wrong."""

    def __init__(self, name: str, friend: Member | None = None) -> None:
        self.name, self.friend, self.met = name, friend, 0
        self.error: Exception | None = None

    def __key__(self) -> str:
        return self.name

    def meet(self, other: Member) -> int:
        self.friend = other
        self.met += 1
        return other.greet(self)

    def greet(self, other: Member) -> int:
        self.friend = other
        self.met += 1
        return self.met

    def count(self, other: Member) -> int:
        self.met += 1
        return other.more()

    def more(self) -> int:
        self.met += 1
        return self.met

    def found(self, name: str) -> Member:
        return Member(name, self)

    def remember(self) -> str:
        try:
            raise ValueError(self.name)
        except ValueError as error:
            self.error = error
        return str(self.error)

    def refuse(self, other: Member) -> None:
        other.meet(self)
        raise ValueError(self.name)


FLOW = stateflow.init(Member)
NAMES = "abcd"
NUMBERS = [str(number) for number in range(99)]


def alive() -> int:
    """Return how many entities are in memory, once all garbage is gone."""
    gc.collect()
    return sum(type(each) is Member for each in gc.get_objects())


class Engine:
    """The embedded engine, and requests to it."""

    def __init__(self, cache_bytes: int = 10**6) -> None:
        self.engine = LocalEngine(FLOW, MemoryDatabase(), LocalOptions(cache_bytes=cache_bytes))
        self.references = ReferenceTable(FLOW.reference_types, None)  # type: ignore[arg-type]
        self.asked = 0
        for name in NAMES:
            self.ask(Operation.CREATE, None, "", name)
        for name, other in zip(NAMES, NAMES[1:] + NAMES[:1], strict=True):
            self.call(name, "meet", self.references.get(Member, other))

    def ask(self, operation: Operation, key: str | None, name: str, *args: object) -> BaseException | None:
        self.asked += 1
        request_id = f"r{self.asked}"
        request = Request(request_id=request_id, time_ns=1, operation=operation, class_name="Member", key=key, name=name, args=args)
        answer = self.engine.answer(request, self.references)
        assert answer is not None
        return answer.reply.error

    def call(self, key: str, name: str, *args: object) -> None:
        assert self.ask(Operation.CALL, key, name, *args) is None


@pytest.fixture(autouse=True)
def _nothing_left_before() -> None:
    assert alive() == 0


def test_entities_that_know_each_other_are_gone_with_their_engine() -> None:
    engine = Engine()
    assert engine.ask(Operation.CALL, "a", "refuse", engine.references.get(Member, "b")) is not None
    assert alive() == len(NAMES)
    del engine
    assert alive() == 0


@pytest.mark.parametrize("end", ["close", "abandon"])
def test_entities_that_hold_what_they_raised_are_gone_with_an_engine_that_was_closed(end: str) -> None:
    engine = Engine()
    engine.call("a", "remember")
    getattr(engine.engine, end)()
    assert alive() == 0


def test_entities_that_leave_the_cache_are_gone() -> None:
    engine = Engine(cache_bytes=0)
    engine.call("a", "remember")
    engine.engine.commit()
    assert alive() == 0


def test_entities_of_a_commit_that_failed_are_gone() -> None:
    engine = Engine()
    with arm("before-commit", Action.RAISE), pytest.raises(InjectedFailure):
        engine.engine.commit()
    assert alive() == 0


class Town:
    """Two places, and what is on its way between them."""

    def __init__(self) -> None:
        placement = PartitionPlacement(2)
        self.machines = {name: Machine(FLOW, name, placement, {}) for name in placement.names}
        self.references = ReferenceTable(FLOW.reference_types, None)  # type: ignore[arg-type]
        self.values = ClientValues(FLOW, self.references, "client")
        self.under_way: deque[tuple[str, bytes]] = deque()
        self.placement = placement
        self.here, self.there = (next(key for key in NUMBERS if placement.home(Member, key) == name) for name in placement.names)
        for key in (self.here, self.there):
            self.send(f"create {key}", Operation.CREATE, None, "", key)
        self.deliver()
        self.send("know", Operation.CALL, self.here, "count", self.other)
        self.deliver()

    @property
    def other(self) -> Any:
        return self.references.get(Member, self.there)

    def send(self, request_id: str, operation: Operation, key: str | None, name: str, *args: object) -> None:
        request = Request(request_id=request_id, time_ns=1, operation=operation, class_name="Member", key=key, name=name, args=args)
        place = self.placement.start(Member, key, request_id)
        self.receive(place, encode_envelope(Envelope("client", place, 0, 0, (self.values.write(request),))))

    def receive(self, place: str, data: bytes) -> None:
        sent = self.machines[place].receive(data, 1)
        self.under_way += [(target, each) for target, each in sent if target in self.machines]
        for target, each in sent:
            assert target in self.machines or all(self.values.read(answer).error is None for answer in decode_envelope(each).messages)

    def deliver(self) -> None:
        while self.under_way:
            self.receive(*self.under_way.popleft())


def test_entities_are_gone_with_places_that_are_dropped_at_rest() -> None:
    town = Town()
    assert alive() > 0
    del town
    assert alive() == 0


@pytest.mark.parametrize("steps", range(3))
@pytest.mark.parametrize("request_", ["meet", "found"])
def test_entities_are_gone_with_places_that_are_dropped_amid_a_transaction(request_: str, steps: int) -> None:
    town = Town()
    # A new entity begins here and gets its key over there.
    town.send("r", Operation.CALL, town.here, request_, town.other if request_ == "meet" else town.there + town.there)
    town.send("waits", Operation.CALL, town.here, "more")
    for _ in range(min(steps, len(town.under_way))):
        town.receive(*town.under_way.popleft())
    del town
    assert alive() == 0


@pytest.mark.pure
def test_entities_are_gone_with_a_place_that_stopped_in_the_middle_of_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    town = Town()
    town.send("r", Operation.CALL, town.here, "meet", town.other)

    def stop(self: Place, *_: object) -> None:
        raise PlaceStopped(self.name, "a reason")

    monkeypatch.setattr(Place, "_keep", stop)
    with pytest.raises(PlaceStopped):
        town.deliver()
    del town
    assert alive() == 0


@pytest.mark.pure
def test_entities_of_a_step_that_failed_are_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    town = Town()
    town.send("r", Operation.CALL, town.here, "meet", town.other)
    original, failures = Place._keep, [RuntimeError("a bug")]

    def fail_once(self: Place, *args: Any) -> None:
        if failures:
            raise failures.pop()
        original(self, *args)

    monkeypatch.setattr(Place, "_keep", fail_once)
    town.machines[town.under_way[0][0]].receive(town.under_way[0][1], 1)
    assert not failures
    del town
    assert alive() == 0
