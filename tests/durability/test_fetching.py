"""Entities that queued requests name are read together, and what was read so is never older than what was committed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

import stateflow
from stateflow.core.ports import Batch, Change, StoredState
from stateflow.options import LocalOptions
from stateflow.protocol.keys import encode_key
from stateflow.protocol.messages import Operation, Request
from stateflow.runtime.local import LocalClient, LocalRuntime
from stateflow.runtime.local.database import SqliteDatabase
from stateflow.runtime.local.memory import MemoryDatabase
from tests.durability.ledgers import Account, flow

COUNT = 40


class Counting(SqliteDatabase):
    """Notes how entities are read."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.alone: list[bytes] = []
        self.together: list[int] = []

    def load(self, class_name: str, key: bytes) -> StoredState | None:
        self.alone.append(key)
        return super().load(class_name, key)

    def load_small(self, addresses: Sequence[tuple[str, bytes]]) -> dict[tuple[str, bytes], StoredState]:
        found = super().load_small(addresses)
        self.together.append(len(found))
        return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "bank.db"
    with LocalRuntime(flow(), path=made) as runtime, runtime.client(bind=False) as client:
        for number in range(COUNT):
            client.create(Account, f"a{number}", number).get(10)
    return made


class Opened:
    """A runtime whose engine is driven from here, so that nothing depends on when its thread looks at the queue."""

    def __init__(self, runtime: LocalRuntime, client: LocalClient, database: Counting) -> None:
        assert runtime._engine is not None
        self.engine, self.client, self.database = runtime._engine, client, database
        self._number = 0

    def request(self, number: object, amount: int = 1, to: str | None = None) -> Request:
        self._number += 1
        args: tuple[Any, ...] = (amount,) if to is None else (amount, self.client.ref(Account, to))
        return Request(
            request_id=f"r{self._number}",
            time_ns=self._number,
            operation=Operation.CALL,
            class_name="Account",
            key=number if not isinstance(number, int) else f"a{number}",
            name="add" if to is None else "move",
            args=args,
        )

    def answer(self, request: Request) -> Any:
        answer = self.engine.answer(request, self.client.references)
        assert answer is not None
        if answer.reply.error is not None:
            raise answer.reply.error
        return answer.reply.value

    def fetch(self, requests: list[Request]) -> None:
        """Fetch, after as many single reads as make it worth while."""
        for number in range(len(requests) // 8 + 1):
            self.answer(self.request(COUNT - 1 - number))
        self.engine.fetch(requests)
        self.database.alone.clear()


@pytest.fixture(params=[0, 10**9])
def opened(path: Path, request: pytest.FixtureRequest) -> Iterator[Opened]:
    database = Counting(path)
    options = LocalOptions(cache_bytes=request.param)
    with LocalRuntime(flow(), database=database, options=options) as runtime, runtime.client(bind=False) as client:
        yield Opened(runtime, client, database)


def test_entities_and_arguments_of_queued_requests_are_read_in_one_go(opened: Opened) -> None:
    requests = [opened.request(number, 1, f"a{number + 10}") for number in range(2, 10)]
    opened.fetch(requests)
    assert [opened.answer(request) for request in requests] == [(number - 1, number + 11) for number in range(2, 10)]
    assert (opened.database.alone, opened.database.together) == ([], [16])


@stateflow.entity
class Shelf:
    def __init__(self, name: str) -> None:
        self.name: str = name
        self.height: int = 2

    def __key__(self) -> str:
        return self.name


@dataclass
class Line:
    shelf: Shelf
    count: int


@stateflow.entity
class Basket:
    def __init__(self, name: str) -> None:
        self.name: str = name

    def __key__(self) -> str:
        return self.name

    def fill(self, lines: list[Line], shelves: list[Shelf]) -> int:
        return sum(line.shelf.height * line.count for line in lines) + sum(shelf.height for shelf in shelves)


def test_entities_in_listed_arguments_and_in_their_attributes_are_read_in_one_go(tmp_path: Path) -> None:
    shop, path = stateflow.init(Shelf, Basket), tmp_path / "shop.db"
    with LocalRuntime(shop, path=path) as runtime, runtime.client(bind=False) as client:
        client.create(Basket, "b").get(10)
        for number in range(20):
            client.create(Shelf, f"s{number}").get(10)
    database = Counting(path)
    with LocalRuntime(shop, database=database) as runtime, runtime.client(bind=False) as client:
        opened = Opened(runtime, client, database)
        opened.answer(fill_request(client, 0, [], [18, 19]))
        requests = [fill_request(client, number, [number, number + 4], [number + 8]) for number in range(1, 5)]
        opened.engine.fetch(requests)
        database.alone.clear()
        assert [opened.answer(request) for request in requests] == [2 * number + 2 * (number + 4) + 2 for number in range(1, 5)]
    assert (database.alone, database.together) == ([], [12])


def fill_request(client: LocalClient, number: int, counts: list[int], shelves: list[int]) -> Request:
    lines = [Line(client.ref(Shelf, f"s{count}"), count) for count in counts]
    return Request(
        request_id=f"fill-{number}", time_ns=number + 1, operation=Operation.CALL, class_name="Basket", key="b", name="fill",
        args=(lines, [client.ref(Shelf, f"s{shelf}") for shelf in shelves]),
    )  # fmt: skip


def test_nothing_is_read_ahead_when_requests_find_their_entities_in_memory(opened: Opened) -> None:
    requests = [opened.request(number) for number in range(8)]
    opened.engine.fetch(requests)
    assert opened.database.together == []


def test_entity_that_changed_and_left_memory_after_it_was_fetched_is_read_again(opened: Opened) -> None:
    requests = [opened.request(number, 100) for number in (3, 4, 3, 4)]
    opened.fetch(requests)
    replies = []
    for request in requests:
        replies.append(opened.answer(request))
        opened.engine.commit()
    assert replies == [103, 104, 203, 204]


def test_commit_that_failed_forgets_what_was_fetched_too(opened: Opened) -> None:
    requests = [opened.request(number, 100) for number in (3, 4)]
    opened.fetch(requests)
    opened.engine.discard()
    assert [opened.answer(request) for request in requests] == [103, 104]
    assert len(opened.database.alone) == 2


def test_keys_of_no_entity_and_of_no_kind_leave_the_requests_to_their_turn(opened: Opened) -> None:
    requests = [opened.request("nobody"), opened.request(5)]
    opened.fetch(requests)
    with pytest.raises(stateflow.EntityNotFound):
        opened.answer(requests[0])
    assert opened.answer(requests[1]) == 6
    for key in ([], 1.5, "x" * 100_000, "\ud800"):
        opened.fetch([opened.request(key), opened.request(6)])
    assert opened.answer(opened.request(6)) == 7


def test_damaged_state_is_told_to_the_request_that_reads_it_and_to_no_other(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE entity SET state = substr(state, 1, length(state) - 1) || x'00' WHERE key = ?", (encode_key("a7"),))
    with LocalRuntime(flow(), database=(database := Counting(path))) as runtime, runtime.client(bind=False) as client:
        opened = Opened(runtime, client, database)
        requests = [opened.request(number) for number in (6, 7, 8)]
        opened.fetch(requests)
        assert opened.answer(requests[0]) == 7
        with pytest.raises(stateflow.DatabaseDamaged):
            opened.answer(requests[1])
        assert opened.answer(requests[2]) == 9


def test_many_states_read_together_are_those_that_are_read_alone(tmp_path: Path) -> None:
    random = Random(3)
    sizes = [1, 2, 100, 4091, 4092, 4093, 100_000]
    changes = [
        Change(random.choice(("One", "Two")), number.to_bytes(2), random.randbytes(random.choice(sizes)), is_new=True, version=1)
        for number in range(1500)
    ]
    for database in (SqliteDatabase(tmp_path / "states.db"), MemoryDatabase()):
        database.commit(Batch(1, changes, b""))
        asked = [(change.class_name, change.key) for change in changes] + [("One", b"none"), ("Three", b"none")]
        for count in (0, 1, 2, 3, 64, 65, len(asked)):
            some = random.sample(asked, count)
            found = database.load_small(some)
            small = {address for address in some if (state := database.load(*address)) is not None and len(state.data) <= 4092}
            assert small <= found.keys() <= set(some)
            assert all(state == database.load(*address) for address, state in found.items())
        database.close()


def test_states_of_any_bytes_are_read_together_as_each_is_read_alone(tmp_path: Path) -> None:
    draw = Random(8)
    states = [bytes(draw.choices(b"\0\0 \n'\x80\xff1", k=draw.choice((1, 2, 170, 4_092)))) for _ in range(200)] + [b"\0", b" ", b"7 7 7"]
    addresses = [("Any", encode_key(number)) for number in range(len(states))]
    with closing(SqliteDatabase(tmp_path / "any.db")) as database:
        changes = [Change(*address, state, True, 1) for address, state in zip(addresses, states, strict=True)]
        database.commit(Batch(1, changes, b""))
        asked = draw.sample([*addresses, ("Any", encode_key(-1)), ("Other", encode_key(0))], len(addresses) + 2)
        assert database.load_small(asked) == {address: StoredState(1, state) for address, state in zip(addresses, states, strict=True)}
