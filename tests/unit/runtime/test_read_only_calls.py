"""Calls of read-only methods on the embedded engine: nothing is noted, and replies wait for nothing but what they rest on."""

from __future__ import annotations

from typing import Any

import pytest

import stateflow
from stateflow.core.state import TransactionState
from stateflow.options import LocalOptions
from stateflow.protocol.messages import Operation, Request
from stateflow.references import ReferenceTable
from stateflow.runtime.local.answers import Answer
from stateflow.runtime.local.engine import LocalEngine
from stateflow.runtime.local.memory import MemoryDatabase


@stateflow.entity
class Shelf:
    def __init__(self, name: str) -> None:
        self.name = name
        self.rows = [[1], [2]]
        self.numbers = None

    def __key__(self) -> str:
        return self.name

    def first(self) -> list[int]:
        return self.rows[0]

    def fails(self) -> None:
        raise ValueError(self.rows[0])

    def add(self) -> int:
        self.rows[0].append(3)
        return len(self.rows[0])

    def count_up(self) -> None:
        self.numbers = iter([1, 2])

    def taken(self) -> list[int]:
        return list(self.numbers or ())

    def taken_in_vain(self) -> None:
        raise ValueError(list(self.numbers or ()))


class _World:
    """An engine that is driven request by request."""

    def __init__(self) -> None:
        flow = stateflow.init(Shelf)
        self.engine = LocalEngine(flow, MemoryDatabase(), LocalOptions())
        self._references = ReferenceTable(flow.reference_types, self)
        self._count = 0

    def ask(self, operation: Operation, name: str = "", *args: Any, request_id: str = "") -> Answer:
        self._count += 1
        request = Request(
            request_id=request_id or f"r{self._count}", time_ns=1, operation=operation, class_name="Shelf",
            key=None if operation is Operation.CREATE else "a", name=name, args=args, kwargs={},
        )  # fmt: skip
        answer = self.engine.answer(request, self._references)
        assert answer is not None
        return answer


@pytest.fixture
def world() -> _World:
    made = _World()
    made.ask(Operation.CREATE, "", "a")
    made.engine.commit()
    return made


@pytest.fixture
def snapshots(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    taken: list[object] = []
    original = TransactionState._snapshot
    monkeypatch.setattr(TransactionState, "_snapshot", lambda tx, record, instance: taken.append(record) or original(tx, record, instance))
    return taken


def test_a_read_only_call_notes_nothing_for_an_undo(world: _World, snapshots: list[object]) -> None:
    assert world.ask(Operation.CALL, "first").reply.value == [1]
    assert world.ask(Operation.CALL, "fails").reply.error is not None
    assert snapshots == []
    world.ask(Operation.CALL, "add")
    assert len(snapshots) == 1


def test_a_read_only_call_is_answered_without_a_commit_when_nothing_waits(world: _World) -> None:
    assert world.ask(Operation.CALL, "first").at_once
    assert world.ask(Operation.CALL, "fails").at_once


def test_a_read_only_call_waits_for_the_commit_of_what_it_rests_on(world: _World) -> None:
    assert not world.ask(Operation.CALL, "add").at_once
    assert not world.ask(Operation.CALL, "first").at_once
    world.engine.commit()
    assert world.ask(Operation.CALL, "first").at_once


def test_a_repeated_read_only_call_gets_the_reply_of_the_first(world: _World) -> None:
    assert world.ask(Operation.CALL, "first", request_id="once").reply.value == [1]
    world.ask(Operation.CALL, "add")
    assert world.ask(Operation.CALL, "first", request_id="once").reply.value == [1]
    assert world.ask(Operation.CALL, "first").reply.value == [1, 3]


def test_a_reply_is_a_copy_that_the_entity_does_not_share(world: _World) -> None:
    world.ask(Operation.CALL, "first").reply.value.append(9)
    assert world.ask(Operation.CALL, "first").reply.value == [1]


def test_an_entity_whose_state_changes_when_it_is_read_is_undone_stored_and_committed(world: _World) -> None:
    world.ask(Operation.CALL, "count_up")
    world.engine.commit()
    assert world.ask(Operation.CALL, "taken_in_vain").reply.error is not None
    taken = world.ask(Operation.CALL, "taken")
    assert taken.reply.value == [1, 2]
    assert not taken.at_once
    world.engine.commit()
    world.engine.discard()
    assert world.ask(Operation.CALL, "taken").reply.value == []
