"""Entities leave memory and come back as they were, and what did not change is not written."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

import stateflow
from stateflow.options import LocalOptions
from stateflow.runtime.local import LocalRuntime
from tests.durability.ledgers import Account, Note, flow

FLOW = flow()


@stateflow.entity
class Node:
    """Holds other entities, itself and tuples as keys of entities."""

    def __init__(self, place: tuple[Any, ...]) -> None:
        self.place = place
        self.next: Node = self
        self.friends: dict[Node, int] = {}

    def __key__(self) -> tuple[Any, ...]:
        return self.place

    def link(self, other: Node) -> None:
        self.next = other
        self.friends[other] = self.friends.get(other, 0) + 1

    def walk(self, steps: int) -> Node:
        return self if steps == 0 else self.next.walk(steps - 1)

    def knows(self, other: Node) -> int:
        return self.friends.get(other, 0)

    def is_own_next(self) -> bool:
        return self.next is self


@stateflow.entity
class Drawer:
    """Keeps what it is given in its attributes, under names that need not be strings."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __key__(self) -> str:
        return self.name

    def put(self, name: Any, content: int) -> None:
        vars(self)[name] = content

    def contents(self) -> list[Any]:
        return list(vars(self).items())


@pytest.fixture(params=[0, 1, 3_000, 10**9])
def cache_bytes(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def runtime(cache_bytes: int, tmp_path: Path) -> Iterator[LocalRuntime]:
    options = LocalOptions(cache_bytes=cache_bytes, commit_requests=4)
    with LocalRuntime(stateflow.init(Account, Drawer, Node, Note), path=tmp_path / "shop.db", options=options) as made:
        yield made


def cached(runtime: LocalRuntime) -> int:
    assert runtime._engine is not None
    return runtime._engine.journal.cached


def test_random_transfers_over_a_small_cache_keep_the_sum(runtime: LocalRuntime, cache_bytes: int) -> None:
    random = Random(5)
    with runtime.client(bind=False) as client:
        accounts = [client.create(Account, f"a{n}", 100).get(10) for n in range(30)]
        futures = []
        for _ in range(600):
            source, target = random.sample(accounts, 2)
            futures.append(client.call(Account.move, source, random.randrange(150), target))
        for future in futures:
            future.exception(20)
        assert sum(client.get(account, "balance").get(10) for account in accounts) == 3000
        assert cached(runtime) <= cache_bytes * 9 // 8 // 900 + 1


def test_references_between_entities_survive_eviction(runtime: LocalRuntime) -> None:
    with runtime.client(bind=False) as client:
        nodes = [client.create(Node, (n, "x")).get(10) for n in range(20)]
        for n, node in enumerate(nodes):
            client.call(Node.link, node, nodes[(n + 1) % 20]).get(10)
            client.call(Node.link, node, nodes[(n + 1) % 20]).get(10)
        gc.collect()
        assert client.call(Node.walk, nodes[0], 50).get(10) is nodes[10]
        assert [client.call(Node.knows, nodes[n], nodes[(n + 1) % 20]).get(10) for n in range(20)] == [2] * 20
        assert client.call(Node.knows, nodes[0], nodes[5]).get(10) == 0


def test_entity_that_holds_itself_still_does_after_eviction(runtime: LocalRuntime) -> None:
    with runtime.client(bind=False) as client:
        node = client.create(Node, (1,)).get(10)
        client.create(Node, (2,)).get(10)
        assert client.call(Node.is_own_next, node).get(10) is True
        note = client.create(Note, 1, "a").get(10)
        client.create(Account, "other").get(10)
        assert client.call(Note.append, note, "b").get(10) == 2


def test_attribute_whose_name_is_no_string_survives_eviction(runtime: LocalRuntime) -> None:
    with runtime.client(bind=False) as client:
        drawer = client.create(Drawer, "top").get(10)
        client.call(Drawer.put, drawer, 3, 4).get(10)
        client.create(Account, "other").get(10)
        assert client.call(Drawer.contents, drawer).get(10) == [("name", "top"), (3, 4)]


def test_keys_that_python_finds_equal_are_different_entities(runtime: LocalRuntime) -> None:
    with runtime.client(bind=False) as client:
        one, true = client.create(Node, (1,)).get(10), client.create(Node, (True,)).get(10)
        assert one is not true
        assert one != true
        client.call(Node.link, one, true).get(10)
        assert client.call(Node.knows, one, true).get(10) == 1
        assert client.call(Node.knows, one, one).get(10) == 0
        assert client.get(true, "place").get(10) == (True,)
        assert client.get(one, "place").get(10)[0] is not True


def test_deleted_entity_stays_deleted_and_can_be_made_again(runtime: LocalRuntime) -> None:
    with runtime.client(bind=False) as client:
        for round_ in range(3):
            note = client.create(Note, 1, f"{round_}").get(10)
            client.create(Account, f"a{round_}").get(10)
            assert client.get(note, "lines").get(10) == [f"{round_}"]
            client.delete(note).get(10)
            client.create(Account, f"b{round_}").get(10)
            with pytest.raises(stateflow.EntityNotFound):
                client.get(note, "lines").get(10)


def test_failed_request_leaves_the_stored_state(runtime: LocalRuntime) -> None:
    with runtime.client(bind=False) as client:
        ann, bob = client.create(Account, "ann", 5).get(10), client.create(Account, "bob", 5).get(10)
        with pytest.raises(ValueError, match="ann"):
            client.call(Account.move, ann, 6, bob).get(10)
        assert [client.get(account, "balance").get(10) for account in (ann, bob)] == [5, 5]


def versions(path: Path) -> dict[bytes, bytes]:
    with closing(sqlite3.connect(path)) as reader:
        return dict(reader.execute("SELECT key, state FROM entity"))


def writes(runtime: LocalRuntime) -> list[bytes]:
    """Note the keys of all entities that are written from now on."""
    assert runtime._engine is not None
    database, keys = runtime._engine._database, []
    commit = database.commit

    def noting(batch: Any) -> None:
        keys.extend(change.key for change in batch.changes)
        commit(batch)

    database.commit = noting  # type: ignore[method-assign]
    return keys


def test_entities_that_did_not_change_are_not_written(runtime: LocalRuntime) -> None:
    with runtime.client(bind=False) as client:
        ann = client.create(Account, "ann", 5).get(10)
        note = client.create(Note, 1, "x" * 200_000).get(10)
        written = writes(runtime)
        for _ in range(5):
            client.call(Account.add, ann, 0).get(10)
            client.call(Note.count, note).get(10)
            client.state(note).get(10)
            client.get(note, "lines").get(10)
            client.call(Note.append_and_take_back, note).get(10)
        assert written == []
        client.call(Note.append, note, "y").get(10)
        client.call(Account.add, ann, 1).get(10)
        assert len(written) == 2


def test_created_and_deleted_in_one_batch_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        futures = []
        for n in range(50):
            futures += [client.create(Note, n), client.delete(client.ref(Note, n))]
        for future in futures:
            future.get(10)
        kept = client.create(Note, 7).get(10)
        assert client.get(kept, "number").get(10) == 7
    assert len(versions(path)) == 1
