"""A damaged file is noticed or survived: no answer is ever wrong."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from random import Random

import pytest

from stateflow.errors import DatabaseDamaged, DatabaseError
from stateflow.protocol.keys import encode_key
from stateflow.runtime.local import LocalRuntime
from tests.durability.damage import Template, damage, verdict
from tests.durability.ledgers import Account, call, create, flow

FLOW = flow()


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template.made(tmp_path_factory.mktemp("closed"), Random(1), is_closed=True)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template.made(tmp_path_factory.mktemp("killed"), Random(2), is_closed=False)


def test_undamaged_copy_answers_everything(closed: Template, killed: Template, tmp_path: Path) -> None:
    assert verdict(closed, closed.copy(tmp_path / "closed")) == []
    assert verdict(killed, killed.copy(tmp_path / "killed")) == []


@pytest.mark.parametrize("seed", range(40))
def test_damaged_database_gives_no_wrong_answer(seed: int, closed: Template, tmp_path: Path) -> None:
    path = closed.copy(tmp_path / "copy")
    what = damage(path, Random(seed))
    assert verdict(closed, path) == [], what


@pytest.mark.parametrize("seed", range(40))
def test_damaged_log_gives_no_wrong_answer(seed: int, killed: Template, tmp_path: Path) -> None:
    path = killed.copy(tmp_path / "copy")
    what = damage(path.with_name("shop.db-wal"), Random(seed))
    assert verdict(killed, path) == [], what


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 1200, 50))
def test_many_damaged_files_give_no_wrong_answer(first: int, closed: Template, killed: Template, tmp_path: Path) -> None:
    for seed in range(first, first + 50):
        random = Random(seed)
        template = random.choice((closed, killed))
        path = template.copy(tmp_path / str(seed))
        files = [file for file in (path, path.with_name("shop.db-wal")) if file.exists()]
        what = [damage(random.choice(files), random) for _ in range(random.choice((1, 1, 2)))]
        assert verdict(template, path) == [], (seed, what)


def test_lost_log_is_noticed_by_the_number_of_the_last_commit(killed: Template, tmp_path: Path) -> None:
    path = killed.copy(tmp_path / "copy")
    path.with_name("shop.db-wal").unlink()
    with pytest.raises(DatabaseError):
        LocalRuntime(FLOW, path=path)


def test_method_that_catches_everything_does_not_hide_a_damaged_entity(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        client.send(create("1", Account, "ann", 10)).get(10)
        client.send(create("2", Account, "bob", 10)).get(10)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        assert other.execute("UPDATE entity SET state = CAST(state || x'00' AS BLOB) WHERE key = ?", (encode_key("bob"),)).rowcount == 1
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        moved = client.send(call("3", Account, "ann", "try_add", 1, client.ref(Account, "bob")))
        with pytest.raises(DatabaseDamaged, match="bob"):
            moved.get(10)
        assert client.get(client.ref(Account, "ann"), "balance").get(10) == 10


@pytest.mark.parametrize(
    "statement", ["UPDATE version SET content = CAST(content || x'00' AS BLOB)", "UPDATE version SET number = 7", "DELETE FROM version"]
)
def test_lost_or_damaged_version_of_a_class_is_noticed(statement: str, tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        client.send(create("1", Account, "ann", 10)).get(10)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        assert other.execute(statement).rowcount == 1

    def read() -> None:
        with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
            client.get(client.ref(Account, "ann"), "balance").get(10)

    with pytest.raises(DatabaseDamaged, match=r"SF552: .*version 1"):
        read()
