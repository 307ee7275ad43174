"""That keys of entities to come are free is looked up for many at once, and the answer is what looking at each alone would give."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import stateflow
from stateflow.core.expected_keys import ExpectedKeys
from stateflow.core.ports import Batch, Change
from stateflow.protocol.keys import encode_key
from stateflow.protocol.messages import Operation, Request
from stateflow.runtime.local import LocalClient, LocalRuntime
from stateflow.runtime.local.database import SqliteDatabase
from stateflow.runtime.local.memory import MemoryDatabase
from stateflow.runtime.local.schema import presence_mark


@stateflow.entity
class Cell:
    def __init__(self, note: str, column: int, row: int = 0) -> None:
        self.note: str = note
        self.place: tuple[int, int] = (row, column)

    def __key__(self) -> tuple[int, int]:
        return self.place


@stateflow.entity
class Label:
    def __init__(self, text: str) -> None:
        self.text: str = text

    def __key__(self) -> str:
        return self.text.lower()


class Counting(SqliteDatabase):
    """Notes which entities are looked for one by one."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.alone: list[bytes] = []

    def load(self, class_name: str, key: bytes) -> Any:
        self.alone.append(key)
        return super().load(class_name, key)


class Opened:
    """A runtime whose engine is driven from here, so that nothing depends on when its thread looks at the queue."""

    def __init__(self, runtime: LocalRuntime, client: LocalClient, database: Counting) -> None:
        assert runtime._engine is not None
        self.engine, self.client, self.database = runtime._engine, client, database
        self._number = 0

    def creation(self, *args: Any, cls: type = Cell, **kwargs: Any) -> Request:
        self._number += 1
        return request(self._number, Operation.CREATE, cls.__name__, args, kwargs)

    def deletion(self, key: Any) -> Request:
        self._number += 1
        return request(self._number, Operation.DELETE, "Cell", key=key)

    def answer(self, asked: Request) -> Any:
        answer = self.engine.answer(asked, self.client.references)
        assert answer is not None
        if answer.reply.error is not None:
            raise answer.reply.error
        return answer.reply.value

    def fetch(self, requests: Sequence[Request]) -> None:
        self.engine.fetch(requests)
        self.database.alone.clear()


def request(number: int, operation: Operation, name: str, args: Any = (), kwargs: Any = None, key: Any = None) -> Request:
    return Request(
        request_id=f"r{number}", time_ns=number, operation=operation, class_name=name, key=key, args=args, kwargs=kwargs or {}
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cells.db"


@pytest.fixture
def opened(path: Path) -> Iterator[Opened]:
    database = Counting(path)
    with LocalRuntime(stateflow.init(Cell, Label), database=database) as runtime, runtime.client(bind=False) as client:
        made = Opened(runtime, client, database)
        # So that it is known where the keys are, and that much is to be looked up.
        for number in range(4):
            made.answer(made.creation("first", number, row=100 + number))
        made.engine.commit()
        yield made


def test_keys_of_queued_creations_are_looked_up_in_one_go(opened: Opened) -> None:
    requests = [opened.creation(f"note {number}", number, row=7) for number in range(20)]
    opened.fetch(requests)
    assert [opened.answer(asked) for asked in requests] == [opened.client.ref(Cell, (7, number)) for number in range(20)]
    assert opened.database.alone == []


def test_key_that_is_taken_is_told_after_all_keys_were_looked_up(opened: Opened, path: Path) -> None:
    opened.answer(opened.creation("old", 5, row=7))
    opened.engine.commit()
    opened.engine.discard()
    requests = [opened.creation("new", number, row=7) for number in (4, 5, 6, 6)]
    opened.fetch(requests)
    opened.answer(requests[0])
    with pytest.raises(stateflow.EntityAlreadyExists):
        opened.answer(requests[1])
    opened.answer(requests[2])
    with pytest.raises(stateflow.EntityAlreadyExists):
        opened.answer(requests[3])


def test_entity_that_came_and_left_memory_after_the_look_up_is_found(opened: Opened) -> None:
    requests = [opened.creation("new", 1, row=7) for _ in range(2)]
    opened.fetch(requests)
    opened.answer(requests[0])
    opened.engine.commit()
    for record in list(opened.engine.executor.store.records.values()):
        opened.engine.executor.store.forget(record)
    with pytest.raises(stateflow.EntityAlreadyExists):
        opened.answer(requests[1])


def test_entity_that_was_deleted_after_the_look_up_is_created_again(opened: Opened) -> None:
    requests = [opened.creation("one", 1, row=7), opened.deletion((7, 1)), opened.creation("two", 1, row=7)]
    opened.fetch(requests)
    for asked in requests:
        opened.answer(asked)
    opened.engine.commit()
    assert opened.database.load("Cell", encode_key((7, 1))) is not None


def test_commit_that_failed_forgets_which_keys_were_free(opened: Opened) -> None:
    requests = [opened.creation("new", 1, row=7)]
    opened.fetch(requests)
    opened.engine.discard()
    opened.answer(requests[0])
    assert opened.database.alone == [encode_key((7, 1))]


def test_entity_whose_row_or_mark_is_lost_is_not_taken_for_absent(opened: Opened, path: Path) -> None:
    for number in range(8):
        opened.answer(opened.creation("old", number, row=7))
    opened.engine.commit()
    opened.engine.discard()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM entity WHERE key = ?", (encode_key((7, 1)),))
        connection.execute("DELETE FROM presence WHERE mark = ?", (presence_mark("Cell", encode_key((7, 2))),))
    requests = [opened.creation("new", number, row=7) for number in (1, 2)]
    opened.fetch(requests)
    with pytest.raises(stateflow.DatabaseDamaged):
        opened.answer(requests[0])
    with pytest.raises(stateflow.EntityAlreadyExists):
        opened.answer(requests[1])


def test_key_that_no_argument_tells_is_looked_up_in_its_turn(opened: Opened) -> None:
    opened.answer(opened.creation("lower", cls=Label))
    requests = [opened.creation("Upper", cls=Label), opened.creation("", 1.5), opened.creation("no column"), opened.creation(cls=Label)]
    opened.fetch(requests)
    assert opened.answer(requests[0]) == opened.client.ref(Label, "upper")
    assert opened.database.alone == [encode_key("upper")]
    for asked in requests[2:]:
        with pytest.raises(TypeError):
            opened.answer(asked)


def test_absent_entities_found_together_are_those_that_are_found_alone(tmp_path: Path) -> None:
    changes = [Change("One", encode_key(number), b"x" * 5_000 * (number % 2) or b"x", is_new=True, version=1) for number in range(300)]
    asked = [(name, encode_key(number)) for name in ("One", "Two") for number in range(-700, 1_000, 3)]
    for database in (SqliteDatabase(tmp_path / "states.db"), MemoryDatabase()):
        database.commit(Batch(1, changes, b""))
        for count in (0, 1, 2, 3, len(asked)):
            expected = [address for address in asked[:count] if database.load(*address) is None]
            assert list(database.absent(asked[:count])) == expected
        database.close()


def test_place_of_the_key_is_learned_anew_when_it_changes() -> None:
    keys = ExpectedKeys()
    first, second = (request(number, Operation.CREATE, "Cell", ("a", "b"), {"c": 3}) for number in range(2))
    for key in ("a", "b", 3, (3, "a"), ("b", "b")):
        keys.learn(first, key)
        assert keys.key(second) == key
    assert keys.key(request(3, Operation.CREATE, "Cell", ("a",))) is None
    assert keys.key(request(4, Operation.CREATE, "Cell", ("a", ["b"]))) is None
    keys.learn(first, ("a", 1.0))
    assert keys.key(second) is None
