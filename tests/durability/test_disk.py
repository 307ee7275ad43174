"""A disk that is full or cannot be written: a clear error, what was acknowledged stays, and the engine goes on when it can."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from stateflow.errors import CommitFailed, ConfigurationError, DatabaseError
from stateflow.runtime.local import LocalRuntime
from stateflow.runtime.local.database import SqliteDatabase
from tests.durability.ledgers import Account, Note, call, create, flow

ROOT = Path(__file__).parents[2]
FLOW = flow()

FULL_DISK = """
import json, resource, sys
from stateflow.errors import CommitFailed
from stateflow.runtime.local import LocalRuntime
from tests.durability.ledgers import Note, call, create, flow

path, limit = sys.argv[1], int(sys.argv[2])
unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
acknowledged, refused, texts = [], [], set()
with LocalRuntime(flow(), path=path) as runtime, runtime.client(bind=False) as client:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, unlimited[1]))
    for number in range(60):
        try:
            client.send(create(f"r-{number}", Note, number, "x" * 9000)).get(20)
            acknowledged.append(number)
        except CommitFailed as error:
            refused.append(number)
            texts.add(str(error).split(": ")[0] + str(error.__cause__ is not None))
    readable = [n for n in acknowledged if client.get(client.ref(Note, n), "number").get(20) == n]
    resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    repeated = [repr(client.send(create(f"r-{n}", Note, n, "x" * 9000)).get(20)) for n in range(60)]
with LocalRuntime(flow(), path=path) as runtime, runtime.client(bind=False) as client:
    lengths = [len(client.state(client.ref(Note, n)).get(20)["lines"][0]) for n in range(60)]
print(json.dumps({"acknowledged": acknowledged, "refused": refused, "readable": readable, "repeated": repeated, "lengths": lengths,
                  "texts": sorted(texts)}))
"""


@pytest.mark.process
@pytest.mark.parametrize("limit", [40_000, 200_000, 300_000])
def test_full_disk_refuses_what_it_cannot_keep_and_goes_on_when_there_is_room(limit: int, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", FULL_DISK, str(tmp_path / "shop.db"), str(limit)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["refused"]
    assert sorted(said["acknowledged"] + said["refused"]) == list(range(60))
    assert said["readable"] == said["acknowledged"]
    assert said["repeated"] == [f"Note({n})" for n in range(60)]
    assert said["lengths"] == [9000] * 60
    assert said["texts"] == ["SF554True"]


def limit_pages(runtime: LocalRuntime, pages: int) -> None:
    """Let SQLite take the disk for full once the database has so many pages."""
    database = runtime._engine._database  # type: ignore[union-attr]
    assert type(database) is SqliteDatabase
    database._live().execute(f"PRAGMA max_page_count = {pages}").fetchall()


def test_batch_that_fails_takes_back_what_its_requests_did_in_memory(tmp_path: Path) -> None:
    with LocalRuntime(FLOW, path=tmp_path / "shop.db") as runtime, runtime.client(bind=False) as client:
        client.send(create("1", Account, "ann", 10)).get(10)
        client.send(create("2", Note, 1)).get(10)
        limit_pages(runtime, 1)
        sent = [client.send(call(f"add-{n}", Account, "ann", "add", 1)) for n in range(20)]
        sent.append(client.send(call("large", Note, 1, "append", "x" * 500_000)))
        outcomes = [future.exception(10) for future in sent]
        assert type(outcomes[-1]) is CommitFailed
        kept = sum(outcome is None for outcome in outcomes)
        assert client.get(client.ref(Account, "ann"), "balance").get(10) == 10 + kept
        assert client.get(client.ref(Note, 1), "lines").get(10) == [""]
        limit_pages(runtime, 10_000)
        assert client.send(call("large", Note, 1, "append", "x" * 500_000)).get(10) == 2
        assert [client.send(call(f"add-{n}", Account, "ann", "add", 1)).get(10) for n in range(20)] == list(range(11, 31))


def test_error_of_a_failed_commit_says_what_to_do(tmp_path: Path) -> None:
    with LocalRuntime(FLOW, path=tmp_path / "shop.db") as runtime, runtime.client(bind=False) as client:
        limit_pages(runtime, 1)
        with pytest.raises(CommitFailed, match=r"SF554: .* not kept \(database or disk is full\): .*shop\.db"):
            client.send(create("1", Note, 1, "x" * 500_000)).get(10)


READ_ONLY = """
import os, sys
import stateflow.runtime.local.database
from stateflow.errors import DatabaseError
from stateflow.runtime.local import LocalRuntime
from tests.durability.ledgers import flow

compiled = flow()
LocalRuntime(compiled).close()
# The administrator may write everything, so the test is somebody else from here on, when all modules are loaded.
if os.getuid() == 0:
    os.setuid(65534)
try:
    LocalRuntime(compiled, path=sys.argv[1])
except DatabaseError as error:
    print(type(error).__name__, error)
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    # Not below pytest's own folder, which other users may not pass.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder
        folder.chmod(0o777)


@pytest.mark.process
@pytest.mark.parametrize("is_file", [True, False])
def test_database_that_cannot_be_written_is_refused_at_once(is_file: bool, open_folder: Path) -> None:
    path = open_folder / "shop.db"
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        client.send(create("1", Account, "ann", 10)).get(10)
    for file in open_folder.iterdir():
        file.chmod(0o666)
    path.chmod(0o444)
    if not is_file:
        path.with_name("shop.db-lock").unlink()
        open_folder.chmod(0o555)
    done = subprocess.run([sys.executable, "-c", READ_ONLY, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    open_folder.chmod(0o777)
    assert "SF550" in done.stdout, done.stderr
    assert ("readonly database" if is_file else "Permission denied") in done.stdout
    path.chmod(0o644)
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        assert client.get(client.ref(Account, "ann"), "balance").get(10) == 10


def test_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no folder .*nowhere"):
        LocalRuntime(FLOW, path=tmp_path / "nowhere" / "shop.db")


def test_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop.db").mkdir()
    with pytest.raises(DatabaseError, match=r"SF550: .*shop\.db"):
        LocalRuntime(FLOW, path=tmp_path / "shop.db")
