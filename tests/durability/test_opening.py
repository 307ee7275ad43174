"""One runtime at a time opens a file, and only a file that it can read."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import stateflow
from stateflow.errors import DatabaseDamaged, DatabaseError, DatabaseInUse, DatabaseRefused
from stateflow.runtime.local import LocalRuntime
from tests.durability.ledgers import Account, create, flow

ROOT = Path(__file__).parents[2]
FLOW = flow()

HOLD = """
import sys
from stateflow.runtime.local import LocalRuntime
from tests.durability.ledgers import Account, create, flow

runtime = LocalRuntime(flow(), path=sys.argv[1])
client = runtime.client(bind=False)
client.send(create("held", Account, "held", 1)).get(20)
print("open", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def other_process(path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "open\n"
            yield process
        finally:
            process.kill()


@pytest.mark.process
def test_second_process_is_told_who_has_the_file_until_that_one_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with other_process(path) as process:
        for _ in range(2):
            with pytest.raises(DatabaseInUse, match=rf"SF551: .*shop\.db is open already, by process {process.pid} on \S+, since 2"):
                LocalRuntime(FLOW, path=path)
        process.kill()
        process.wait(20)
        with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
            assert client.get(client.ref(Account, "held"), "balance").get(10) == 1


def test_second_runtime_of_one_process_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        ann = client.create(Account, "ann", 3).get(10)
        for _ in range(3):
            with pytest.raises(DatabaseInUse, match=f"process {os.getpid()} "):
                LocalRuntime(FLOW, path=path)
        assert client.call(Account.add, ann, 1).get(10) == 4
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        assert client.get(client.ref(Account, "ann"), "balance").get(10) == 4


@pytest.mark.process
def test_runtime_keeps_its_file_from_others_after_a_refused_second_runtime(tmp_path: Path) -> None:
    # A process loses its POSIX locks when it closes any descriptor of the file.
    path = tmp_path / "shop.db"
    with LocalRuntime(FLOW, path=path):
        with pytest.raises(DatabaseInUse):
            LocalRuntime(FLOW, path=path)
        done = subprocess.run([sys.executable, "-c", HOLD, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert f"DatabaseInUse: SF551: {path} is open already, by process {os.getpid()}" in done.stderr


def test_link_to_an_open_file_is_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    (tmp_path / "link.db").symlink_to(path)
    with LocalRuntime(FLOW, path=path), pytest.raises(DatabaseInUse):
        LocalRuntime(FLOW, path=tmp_path / "link.db")


def test_closed_runtime_leaves_one_complete_file(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        client.create(Account, "ann", 3).get(10)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["shop.db", "shop.db-lock"]
    moved = tmp_path / "elsewhere.db"
    path.rename(moved)
    with LocalRuntime(FLOW, path=moved) as runtime, runtime.client(bind=False) as client:
        assert client.get(client.ref(Account, "ann"), "balance").get(10) == 3


def test_runtime_that_was_never_used_makes_a_file_that_opens(tmp_path: Path) -> None:
    for _ in range(3):
        LocalRuntime(FLOW, path=tmp_path / "shop.db").close()


def test_backup_put_back_after_a_clean_close_opens(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        client.create(Account, "ann", 3).get(10)
    backup = path.read_bytes()
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        client.call(Account.add, client.ref(Account, "ann"), 1).get(10)
    path.write_bytes(backup)
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        assert client.get(client.ref(Account, "ann"), "balance").get(10) == 3


def test_file_of_a_newer_format_is_refused_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    LocalRuntime(FLOW, path=path).close()
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(DatabaseRefused, match=r"SF553: .* has format 99, this version of StateFlow reads up to 3; open it with the newer"):
        LocalRuntime(FLOW, path=path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(("number", "what"), [(1, "whose keys have no order"), (2, "which does not tell by which code its entities were")])
def test_file_of_a_former_format_is_refused_and_left_as_it_is(number: int, what: str, tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    LocalRuntime(FLOW, path=path).close()
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA user_version = {number}")
    before = path.read_bytes()
    with pytest.raises(DatabaseRefused, match=rf"SF553: .* has format {number}, {what}.*; this StateFlow reads format 3 only"):
        LocalRuntime(FLOW, path=path)
    assert path.read_bytes() == before


def test_file_of_another_program_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE song (title TEXT)")
    before = path.read_bytes()
    with pytest.raises(DatabaseRefused, match=r"SF553: .*theirs\.db is a SQLite file of another program"):
        LocalRuntime(FLOW, path=path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"# Shopping list\n- tea\n", b"\0" * 5000, b"SQLite format 3\0" + b"\1" * 200])
def test_file_that_is_no_database_is_refused_and_left_as_it_is(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(content)
    with pytest.raises((DatabaseRefused, DatabaseDamaged), match=r"SF55[23]: .*list\.txt"):
        LocalRuntime(FLOW, path=path)
    assert path.read_bytes() == content


def test_file_that_was_cut_to_nothing_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        client.send(create("1", Account, "ann")).get(10)
    path.write_bytes(b"")
    with pytest.raises(DatabaseDamaged, match=r"SF552: .* is empty"):
        LocalRuntime(FLOW, path=path)


def test_file_of_another_dataflow_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        client.send(create("1", Account, "ann")).get(10)

    @stateflow.entity
    class Song:
        def __init__(self, title: str) -> None:
            self.title = title

        def __key__(self) -> str:
            return self.title

    with pytest.raises(DatabaseRefused, match=r"holds Account, and the dataflow has only .*Song"):
        LocalRuntime(stateflow.init(Song), path=path)


def test_refused_file_is_free_for_the_next(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    path.write_text("no database, but a text that is longer than the header of one " * 3)
    for _ in range(2):
        with pytest.raises(DatabaseError):
            LocalRuntime(FLOW, path=path)
    path.unlink()
    path.with_name("shop.db-lock").unlink()
    LocalRuntime(FLOW, path=path).close()
