"""Contexts without an object graph: what they hold is after a move what it was before, and damaged ones are refused."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

import stateflow
from stateflow.core.context import unpack
from stateflow.core.entities import Entities
from stateflow.core.flat_contexts import FLAT
from stateflow.core.placed import PlacedTransaction
from stateflow.core.placement import EntityPlacement
from stateflow.core.store import Record
from stateflow.errors import FrameOfOtherCode, MalformedBytes
from stateflow.limits import VALUE_BYTES
from stateflow.protocol.steps import Header, Move, decode_envelope
from stateflow.runtime.simulation import Cluster

if TYPE_CHECKING:
    from collections.abc import Callable

SCALARS = (None, True, False, 0, 1, -1, 2**63, -(2**63), 0.0, -0.0, 1.0, 1.5, "", "1", "é", "\0")


@stateflow.entity
class Box:
    """Keeps a value, and looks at its variables before and after a call."""

    def __init__(self, name: str, kept: object) -> None:
        self.name, self.kept = name, kept

    def __key__(self) -> str:
        return self.name

    def give(self) -> str:
        return self.name

    def exchange(self, other: Box, value: object) -> list[object]:
        me, again = self, other
        if value is None:
            late = 1
        name = other.give()
        try:
            bound = late
        except UnboundLocalError:
            bound = -1
        return [me is self, again is other, name, value, type(value).__name__, str(value), self.kept, bound]

    def point_to(self, other: Box, third: Box) -> list[object]:
        self.kept, alike = other, self.kept
        other.give()
        third.give()
        return [self.kept is other, self.kept is third, alike is self.kept, self.kept]

    def share(self, other: Box) -> bool:
        numbers = self.kept = [1]
        other.give()
        numbers.append(2)
        return self.kept is numbers

    def through(self, other: Box, third: Box, value: object) -> list[object]:
        before = value
        return [other.on(self, third, value), before, self.kept]

    def spoil(self, other: Box) -> float:
        self.kept = 0
        other.give()
        return 1 / 0

    def on(self, first: Box, third: Box, value: object) -> list[object]:
        self.kept = value
        return [third.give(), first.give(), self.kept]


@stateflow.entity
class Slotted:
    """Keeps its attributes in slots."""

    __slots__ = ("left", "name", "right")

    def __init__(self, name: str) -> None:
        self.name, self.left = name, 1

    def __key__(self) -> str:
        return self.name

    def look(self, other: Box) -> list[object]:
        self.left += 1
        other.give()
        return [self.left, hasattr(self, "right")]


class _Recording(Cluster):
    """Keeps the contexts that moved."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contexts: list[bytes] = []

    def transmit(self, source: str, target: str, data: bytes) -> None:
        self.contexts += [message.context for message in decode_envelope(data).messages if isinstance(message, Move)]
        super().transmit(source, target, data)


class _World:
    """Boxes that live at a place each, one client."""

    def __init__(self, kept: object = 5) -> None:
        self.cluster = _Recording(stateflow.init(Box, Slotted), EntityPlacement(), seed=1)
        self.client = self.cluster.client()
        for name in "abc":
            self.run(self.client.create(Box, name, kept))
        self.run(self.client.create(Slotted, "s"))
        self.a, self.b, self.c = (self.client.ref(Box, name) for name in "abc")
        self.cluster.contexts.clear()

    def run(self, future: Any) -> Any:
        while self.cluster.deliver():
            pass
        return future.get()

    def call(self, owner: Any, name: str, *args: Any) -> Any:
        return self.run(self.client.call(owner, name, *args))

    @property
    def are_flat(self) -> list[bool]:
        return [context[:1] == FLAT for context in self.cluster.contexts]


@pytest.mark.parametrize("value", SCALARS, ids=repr)
def test_variables_and_attributes_that_are_scalars_stay_what_they_are(value: Any) -> None:
    world = _World(kept=value)
    bound = 1 if value is None else -1
    expected = [True, True, "b", value, type(value).__name__, str(value), value, bound]
    assert repr(world.call(world.a, "exchange", world.b, value)) == repr(expected)
    assert world.are_flat == [True]


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, "\ud800", b"1", 1j, (1, 2), [1], {1}, {"a": 1}], ids=repr)
def test_what_is_no_scalar_goes_along_in_an_object_graph(value: Any) -> None:
    for kept, given in ((value, 1), (1, value)):
        world = _World(kept=kept)
        assert world.call(world.a, "exchange", world.b, given) == [True, True, "b", given, type(given).__name__, str(given), kept, -1]
        assert world.are_flat == [False]


def test_a_reference_is_one_object_in_variables_and_attributes_after_a_move() -> None:
    world = _World(kept=None)
    assert world.call(world.a, "point_to", world.b, world.b) == [True, True, False, world.b]
    assert world.call(world.a, "point_to", world.b, world.c) == [True, False, True, world.b]
    assert world.are_flat == [True] * 3


def test_an_entity_that_holds_itself_is_that_entity_after_a_move() -> None:
    world = _World(kept=None)
    assert world.call(world.a, "point_to", world.b, world.a) == [True, False, False, world.b]
    assert world.call(world.a, "exchange", world.b, world.a)[:4] == [True, True, "b", world.a]
    assert all(world.are_flat)


def test_a_list_in_a_variable_and_an_attribute_stays_one_list() -> None:
    world = _World()
    assert world.call(world.a, "share", world.b) is True
    assert world.run(world.client.state(world.a))["kept"] == [1, 2]
    assert world.are_flat == [False]


def test_a_chain_of_calls_carries_all_of_its_entities_and_comes_back() -> None:
    world = _World()
    assert world.call(world.a, "through", world.b, world.c, 7) == [["c", "a", 7], 7, 5]
    assert world.run(world.client.state(world.b))["kept"] == 7
    assert world.are_flat
    assert all(world.are_flat)


def test_attributes_in_slots_go_along_and_those_that_are_not_set_stay_unset() -> None:
    world = _World()
    assert world.call(world.client.ref(Slotted, "s"), "look", world.b) == [2, False]
    assert world.are_flat == [True]
    assert world.run(world.client.state(world.client.ref(Slotted, "s"))) == {"left": 2, "name": "s"}


def test_entity_that_comes_home_is_there_with_its_new_state_and_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world = _World()
    slotted = world.client.ref(Slotted, "s")
    world.call(world.a, "through", world.b, world.c, 1)
    world.call(slotted, "look", world.b)
    monkeypatch.setattr(Entities, "load", lambda self, record, **_: pytest.fail(f"{record} is read"))
    assert world.call(world.a, "through", world.b, world.c, 2) == [["c", "a", 2], 2, 5]
    assert world.call(slotted, "look", world.b) == [3, False]
    monkeypatch.undo()
    assert [world.run(world.client.state(box))["kept"] for box in (world.a, world.b)] == [5, 2]


def test_entity_whose_new_state_is_an_object_graph_is_read_again_at_home() -> None:
    world = _World()
    assert world.call(world.a, "through", world.b, world.c, [1]) == [["c", "a", [1]], [1], 5]
    assert world.run(world.client.state(world.b))["kept"] == [1]
    assert world.call(world.a, "through", world.b, world.c, 2) == [["c", "a", 2], 2, 5]
    assert world.run(world.client.state(world.b))["kept"] == 2


def test_entity_that_travelled_has_its_former_state_after_an_exception() -> None:
    world = _World()
    with pytest.raises(ZeroDivisionError):
        world.call(world.a, "spoil", world.b)
    assert world.run(world.client.state(world.a))["kept"] == 5
    assert world.call(world.a, "exchange", world.b, 1)[6] == 5


def _context() -> tuple[_World, bytes]:
    world = _World()
    world.call(world.a, "through", world.b, world.c, 7)
    return world, world.cluster.contexts[1]


def _transaction(world: _World) -> PlacedTransaction:
    machine = next(iter(world.cluster.machines.values()))
    return PlacedTransaction(machine.place, Header("r", 0, 0, 1, machine.name, "client"), None, suspends=False)


def test_a_context_is_read_as_it_was_written() -> None:
    world, data = _context()
    tx = _transaction(world)
    stack, pending, records = unpack(tx, data)
    assert [type(item).__name__ for item in stack] == ["RootBoundary", "CallBoundary", "Frame", "CallBoundary", "Frame"]
    assert pending[:2] == ("call", (tx.store.references.get(Box, "c"), "give", (), {}))
    assert [record.key for record in records] == ["a", "b"]
    assert tx.domain is records[1]


TRAVELLING, _, FRAMES, OPERATION, GIVEN, ARGS, KWARGS, DOMAIN = range(8)
CALLER, CALLEE, NAME, DIGEST, _, VARIABLES = range(6)
DAMAGES: dict[str, Callable[[list[Any]], Any]] = {
    "an entity that did not come along": lambda c: c.__setitem__(DOMAIN, 3),
    "a negative number of an entity": lambda c: c.__setitem__(DOMAIN, -1),
    "a caller that did not come along": lambda c: c[FRAMES][0].__setitem__(CALLER, 9),
    "a call of no entity": lambda c: c[FRAMES][1].__setitem__(CALLEE, 0),
    "a negative number of a caller": lambda c: c[FRAMES][0].__setitem__(CALLER, -1),
    "a called entity that did not come along": lambda c: c[FRAMES][0].__setitem__(CALLEE, 9),
    "a variable that did not come along": lambda c: c[FRAMES][0][VARIABLES].__setitem__(0, [3]),
    "a truth for a number": lambda c: c[FRAMES][0][VARIABLES].__setitem__(0, [True]),
    "a reference of three parts": lambda c: c[FRAMES][0][VARIABLES].__setitem__(0, ["Box", "a", 1]),
    "a reference of no class": lambda c: c[FRAMES][0][VARIABLES].__setitem__(0, ["Crate", "a"]),
    "a variable of no part": lambda c: c[FRAMES][0][VARIABLES].__setitem__(0, []),
    "a nested variable": lambda c: c[FRAMES][0][VARIABLES].__setitem__(0, [[0]]),
    "a variable of bytes": lambda c: c[FRAMES][0][VARIABLES].__setitem__(0, b"a"),
    "a frame of no function": lambda c: c[FRAMES][0].__setitem__(NAME, "os:system"),
    "an unknown end of the stack": lambda c: c.__setitem__(1, "call"),
    "an operation of another form": lambda c: c.__setitem__(OPERATION, "create"),
    "an operation that is none": lambda c: c.__setitem__(OPERATION, "__init__"),
    "arguments of no call": lambda c: (c.__setitem__(OPERATION, "get"), c[ARGS].append(1)),
    "too many arguments": lambda c: c[GIVEN].append(1),
    "an entity twice": lambda c: c[TRAVELLING].__setitem__(1, c[TRAVELLING][0]),
    "an entity of no class": lambda c: c[TRAVELLING][0].__setitem__(0, "Crate"),
    "a key of bytes": lambda c: c[TRAVELLING][0].__setitem__(1, b"a"),
    "an attribute without a name": lambda c: c[TRAVELLING][0].__setitem__(2, {1: 1}),
    "an entity as a keyword": lambda c: c[KWARGS].update({"a": [5]}),
    "too few parts": lambda c: c.pop(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_context_with(damage: str) -> None:
    world, data = _context()
    context = msgspec.msgpack.decode(data[1:])
    DAMAGES[damage](context)
    with pytest.raises(MalformedBytes):
        unpack(_transaction(world), FLAT + msgspec.msgpack.encode(context))


def test_a_variable_that_is_an_entity_without_a_state_is_refused() -> None:
    world, data = _context()
    context = msgspec.msgpack.decode(data[1:])
    context[TRAVELLING][0][2] = None
    context[FRAMES][0][VARIABLES][0] = [1]
    with pytest.raises(MalformedBytes):
        unpack(_transaction(world), FLAT + msgspec.msgpack.encode(context))


def test_a_frame_of_other_code_is_refused() -> None:
    world, data = _context()
    context = msgspec.msgpack.decode(data[1:])
    context[FRAMES][0][DIGEST] = "0" * 12
    with pytest.raises(FrameOfOtherCode):
        unpack(_transaction(world), FLAT + msgspec.msgpack.encode(context))


def test_a_context_of_entities_without_keys_or_of_too_many_bytes_is_refused() -> None:
    world, data = _context()
    tx = _transaction(world)
    tx.unborn = [Record(Box, None)]
    with pytest.raises(MalformedBytes):
        unpack(tx, data)
    with pytest.raises(MalformedBytes):
        unpack(_transaction(world), data + bytes(VALUE_BYTES))


def test_bytes_that_were_changed_anywhere_are_a_context_or_are_refused() -> None:
    world, data = _context()
    chance = random.Random(1)
    refused = 0
    for _ in range(3000):
        raw = bytearray(data)
        for _ in range(chance.randrange(1, 4)):
            position = chance.randrange(1, len(raw))
            raw[position : position + chance.randrange(2)] = chance.randbytes(chance.randrange(2))
        try:
            unpack(_transaction(world), bytes(raw))
        except (MalformedBytes, FrameOfOtherCode):
            refused += 1
    assert refused > 1000
