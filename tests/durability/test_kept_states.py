"""Entities that are too many as objects come back from their bytes: as they were last committed, and without a look into the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

import stateflow
from stateflow.core import kept_states
from stateflow.core.ports import StoredState
from stateflow.failpoints import Action, InjectedFailure, arm
from stateflow.options import LocalOptions
from stateflow.runtime.local import LocalClient, LocalRuntime
from stateflow.runtime.local.database import SqliteDatabase
from tests.durability.ledgers import Account, Note, flow

COUNT = 40
OBJECTS = 3_000


class Counting(SqliteDatabase):
    """Notes how many entities are looked for in the file."""

    looks = 0

    def load(self, class_name: str, key: bytes) -> StoredState | None:
        self.looks += 1
        return super().load(class_name, key)


@pytest.fixture
def database(tmp_path: Path) -> Counting:
    return Counting(tmp_path / "bank.db")


@pytest.fixture
def client(database: Counting, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalClient]:
    monkeypatch.setattr(kept_states, "CACHED_OBJECTS_BYTES", OBJECTS)
    options = LocalOptions(cache_bytes=10**6, commit_requests=4)
    with LocalRuntime(flow(), database=database, options=options) as runtime, runtime.client(bind=False) as made:
        for number in range(COUNT):
            made.create(Account, f"a{number}", 100).get(10)
        yield made


def test_states_come_back_as_they_were_last_changed_and_the_file_is_not_read(client: LocalClient, database: Counting) -> None:
    draw, balances = Random(6), dict.fromkeys(range(COUNT), 100)
    database.looks = 0
    for _ in range(400):
        number = draw.randrange(COUNT)
        balances[number] += 5
        assert client.call(Account.add, client.ref(Account, f"a{number}"), 5).get(10) == balances[number]
    assert database.looks == 0
    assert {number: client.get(client.ref(Account, f"a{number}"), "balance").get(10) for number in balances} == balances


def test_deleted_entity_does_not_come_back_from_its_bytes(client: LocalClient) -> None:
    for number in range(COUNT):
        client.delete(client.ref(Account, f"a{number}")).get(10)
    for number in range(COUNT):
        with pytest.raises(stateflow.EntityNotFound):
            client.get(client.ref(Account, f"a{number}"), "balance").get(10)
    assert client.create(Account, "a3", 7).get(10) is client.ref(Account, "a3")
    assert client.get(client.ref(Account, "a3"), "balance").get(10) == 7


def test_large_states_come_back_too(client: LocalClient, database: Counting) -> None:
    notes = [client.create(Note, number, "x" * 5_000).get(10) for number in range(20)]
    database.looks = 0
    assert [client.call(Note.append, note, "y").get(10) for note in notes] == [2] * 20
    assert [client.call(Note.append, note, "z").get(10) for note in notes] == [3] * 20
    assert database.looks == 0


def test_change_whose_commit_failed_is_in_no_kept_state(client: LocalClient) -> None:
    reference = client.ref(Account, "a1")
    for _ in range(3):
        with arm("before-commit", Action.RAISE), pytest.raises(InjectedFailure):
            client.call(Account.add, reference, 1_000).get(10)
        for number in range(2, COUNT):
            client.get(client.ref(Account, f"a{number}"), "balance").get(10)
        assert client.get(reference, "balance").get(10) == 100
