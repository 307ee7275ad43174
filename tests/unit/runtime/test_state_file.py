"""A database file is read, backed up, exported and imported beside the runtime that has it open, or without any."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

import stateflow
from stateflow.errors import (
    ConfigurationError,
    DatabaseDamaged,
    DatabaseError,
    DatabaseInUse,
    DatabaseRefused,
    EntityNotFound,
    ImportRefused,
)
from stateflow.protocol.keys import encode_key, key_range
from stateflow.runtime.local import LocalRuntime, state_file
from stateflow.runtime.local.file_lock import lock_path, noted_commit
from stateflow.runtime.local.state_file import StateFile
from stateflow.runtime.local.state_lines import Existing, Imported, export_lines, import_lines
from tests.unit.runtime.bank_file import FLOW, KEYS, Account, fill, states


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a file with an account for each key."""
    path = tmp_path / "bank.db"
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        fill(client)
    return path


def exported(path: Path) -> list[bytes]:
    with StateFile(path) as file:
        return list(export_lines(file, list(file.classes)))


# Reading.


def test_entities_are_counted_listed_and_read(path: Path) -> None:
    with StateFile(path) as file:
        stored = file.stored_name("Account")
        assert file.count(stored) == len(KEYS)
        assert list(file.keys(stored, key_range(), 100)) == sorted(map(encode_key, KEYS))
        assert list(file.keys(stored, key_range("a"), 100)) == [encode_key("ann")]
        assert file.count(stored, key_range("a")) == 1
        assert file.get(stored, "ann").key == encode_key("ann")
        assert [entity.key for entity in file.entities([stored])] == sorted(map(encode_key, KEYS))
        with pytest.raises(EntityNotFound, match=r"Account\('bob'\)"):
            file.get(stored, "bob")
        with pytest.raises(ConfigurationError, match="has no class 'Cart'; it has Account"):
            file.stored_name("Cart")


def test_reader_sees_one_moment_while_the_runtime_goes_on(path: Path) -> None:
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        with StateFile(path) as file:
            client.create(Account, "new").get(10)
            client.delete(client.ref(Account, "ann")).get(10)
            assert file.count("Account") == len(KEYS)
            assert file.get("Account", "ann")
        with StateFile(path) as file:
            assert file.number > 0
            assert file.get("Account", "new")
            with pytest.raises(EntityNotFound):
                file.get("Account", "ann")
        client.create(Account, "last").get(10)
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        assert client.get(client.ref(Account, "last"), "money").get(10) == 0


def test_reader_in_the_process_of_the_runtime_leaves_its_lock_alone(path: Path) -> None:
    with LocalRuntime(FLOW, path=path):
        with StateFile(path):
            assert noted_commit(path) is None
        with pytest.raises(DatabaseInUse):
            LocalRuntime(FLOW, path=path)


def test_what_is_no_file_of_stateflow_is_refused_and_left_alone(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no file"):
        StateFile(tmp_path / "none.db")
    (tmp_path / "text.db").write_text("shopping list: " + "tea " * 500)
    with pytest.raises(DatabaseRefused, match="is not a file of StateFlow"):
        StateFile(tmp_path / "text.db")
    (tmp_path / "empty.db").touch()
    with pytest.raises(DatabaseRefused, match="is empty"):
        StateFile(tmp_path / "empty.db")
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE song (title TEXT)")
    with pytest.raises(DatabaseRefused, match="of another program"):
        StateFile(tmp_path / "other.db")
    assert not (tmp_path / "none.db").exists()


def test_file_whose_log_was_lost_is_damaged(path: Path) -> None:
    runtime = LocalRuntime(FLOW, path=path)
    with runtime.client(bind=False) as client:
        client.create(Account, "new").get(10)
    assert runtime._engine is not None
    runtime._engine.abandon()
    # A process that dies leaves what it noted; the file then ends earlier.
    noted = lock_path(path).read_bytes()
    with closing(sqlite3.connect(path)) as other:
        other.execute("DELETE FROM ledger WHERE number = (SELECT max(number) FROM ledger)")
        other.execute("UPDATE progress SET number = number - 1")
        other.commit()
    lock_path(path).write_bytes((99).to_bytes(8) + noted[8:])
    with StateFile(path):
        pass  # what cannot be read as a note says nothing
    lock_path(path).write_bytes((99).to_bytes(8) + zlib.crc32((99).to_bytes(8)).to_bytes(4))
    with pytest.raises(DatabaseDamaged, match="committed up to number 99 and now ends at"):
        StateFile(path)


@pytest.mark.parametrize("statement", ["UPDATE entity SET state = CAST(state || x'00' AS BLOB)", "UPDATE entity SET version = version + 1"])
def test_damaged_state_is_noticed(statement: str, path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute(statement)
        other.commit()
    with StateFile(path) as file:
        with pytest.raises(DatabaseDamaged, match="the state of Account"):
            file.get("Account", "ann")
        with pytest.raises(DatabaseDamaged, match="the state of Account"):
            list(export_lines(file, ["Account"]))
        with pytest.raises(DatabaseDamaged, match="the state of Account"):
            file.check_states()


def test_check_looks_at_every_state_of_a_sound_file(path: Path) -> None:
    told: list[tuple[int, int]] = []
    with StateFile(path) as file:
        file.check_states(lambda *step: told.append(step))
    assert told[-1] == (len(KEYS), len(KEYS))


def test_missing_entity_is_noticed_before_anything_is_exported(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("DELETE FROM entity WHERE key = ?", (encode_key("ann"),))
        other.commit()
    with StateFile(path) as file, pytest.raises(DatabaseDamaged, match=f"has {len(KEYS) - 1} entities and was left with {len(KEYS)}"):
        next(export_lines(file, ["Account"]))


def test_class_whose_entities_are_all_gone_has_none(path: Path) -> None:
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        for account in client.list(Account).get(10):
            client.delete(account).get(10)
    lines = exported(path)
    assert len(lines) == 1
    assert import_lines(path.with_name("new.db"), lines) == Imported(0, 0, 0)
    for found in (path, path.with_name("new.db")):
        with StateFile(found) as file:
            assert file.count("Account") == 0
            assert list(file.entities(["Account"])) == list(file.keys("Account", key_range(), 9)) == []
            with pytest.raises(EntityNotFound):
                file.get("Account", "ann")


# Backup.


def test_backup_is_the_file_at_one_moment_with_its_ledger(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state_file, "_BACKUP_PAGES", 1)
    target = tmp_path / "backup.db"
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        accounts = [created.get(10) for created in [client.create(Account, f"more-{number}") for number in range(300)]]
        before = client.call(Account.send, accounts[0], accounts[1], 5)
        before.get(10)
        steps: list[tuple[int, int]] = []

        def go_on(done: int, total: int) -> None:
            # The runtime commits between any two steps of the copy.
            client.call(Account.send, accounts[len(steps) % 300], accounts[0], 1).get(10)
            steps.append((done, total))

        with StateFile(path) as file:
            number = file.number
            file.back_up(target, go_on)
        after = client.call(Account.send, accounts[0], accounts[1], 5)
        after.get(10)
    assert len(steps) > 10
    assert steps[-1][0] == steps[-1][1]
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith("backup")] == ["backup.db"]
    with StateFile(target) as file:
        assert file.number == number
    with LocalRuntime(FLOW, path=target) as runtime, runtime.client(bind=False) as client:
        found = client.snapshot(accounts).get(10)
        assert [state["money"] for state in found.values()] == [-5, 5, *[0] * 298]
        assert client.result(before.request_id).get(10) is None
        assert type(client.result(after.request_id).exception(10)) is stateflow.RequestUnknown


def test_backup_of_a_file_that_a_dead_process_left_holds_what_was_committed(path: Path, tmp_path: Path) -> None:
    runtime = LocalRuntime(FLOW, path=path)
    with runtime.client(bind=False) as client:
        client.create(Account, "new").get(10)
    # The log is copied as it lies there: the process ended without bringing it into the file.
    for end in ("", "-wal", "-lock"):
        Path(f"{tmp_path / 'dead.db'}{end}").write_bytes(Path(f"{path}{end}").read_bytes())
    runtime.close()
    with StateFile(tmp_path / "dead.db") as file:
        file.back_up(tmp_path / "backup.db")
    assert states(tmp_path / "backup.db") == states(path)


def test_backup_that_cannot_be_written_leaves_nothing(path: Path, tmp_path: Path) -> None:
    with StateFile(path) as file:
        with pytest.raises(DatabaseError, match="SF550: the backup"):
            file.back_up(tmp_path / "no folder" / "backup.db")

        def fail(done: int, total: int) -> None:
            raise KeyboardInterrupt

        (tmp_path / "backup.db").write_text("the one before")
        with pytest.raises(KeyboardInterrupt):
            file.back_up(tmp_path / "backup.db", fail)
    assert (tmp_path / "backup.db").read_text() == "the one before"
    assert not list(tmp_path.glob("*unfinished*"))


def test_damaged_page_is_not_backed_up(path: Path, tmp_path: Path) -> None:
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        for number in range(2000):
            client.create(Account, f"more-{number}")
        client.count(Account).get(10)
    content = bytearray(path.read_bytes())
    page = 4096 * (content.index(b"more-1000") // 4096)
    content[page : page + 200] = b"\xff" * 200
    path.write_bytes(content)
    with StateFile(path) as file, pytest.raises(DatabaseDamaged, match="SF552"):
        file.back_up(tmp_path / "backup.db")
    assert not list(tmp_path.glob("backup*"))


# Export and import.


def test_every_storable_value_comes_back_in_a_new_file(path: Path, tmp_path: Path) -> None:
    lines = exported(path)
    assert len(lines) == len(KEYS) + 1
    told: list[tuple[int, int]] = []
    done = import_lines(tmp_path / "new.db", lines, progress=lambda *step: told.append(step))
    assert done == Imported(len(KEYS), 0, 0)
    assert told[-1] == (len(KEYS), len(KEYS))
    assert exported(tmp_path / "new.db") == lines
    assert states(tmp_path / "new.db") == states(path)


def test_imported_entities_live_on(path: Path, tmp_path: Path) -> None:
    import_lines(tmp_path / "new.db", exported(path))
    with LocalRuntime(FLOW, path=tmp_path / "new.db") as runtime, runtime.client(bind=False) as client:
        seven, ann = client.ref(Account, 7), client.ref(Account, "ann")
        client.call(Account.send, seven, ann, 3).get(10)
        assert client.count(Account).get(10) == len(KEYS)
        assert client.get(ann, "money").get(10) == 3
        assert type(client.create(Account, "ann").exception(10)) is stateflow.EntityAlreadyExists
        assert client.get(client.ref(Account, ""), "friend").get(10) == client.ref(Account, KEYS[-1])
        first, second = client.get(ann, "pair").get(10)
        assert first is second


def changed(path: Path) -> Path:
    """Change one account of the file and make another one."""
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        client.set(client.ref(Account, "ann"), "money", 100).get(10)
        client.create(Account, "bob", 5).get(10)
    return path


def money(path: Path, key: Any) -> int:
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        return client.get(client.ref(Account, key), "money").get(10)


def test_existing_entities_refuse_the_import_are_skipped_or_replaced(path: Path) -> None:
    lines = exported(path)
    changed(path)
    before = states(path)
    with pytest.raises(ImportRefused, match=r"SF555: line \d+: Account\(.*\) exists already; nothing was imported"):
        import_lines(path, lines)
    assert states(path) == before
    assert import_lines(path, lines, Existing.SKIP) == Imported(0, 0, len(KEYS))
    assert states(path) == before
    assert import_lines(path, lines, Existing.REPLACE) == Imported(0, len(KEYS), 0)
    assert (money(path, "ann"), money(path, "bob")) == (0, 5)


def test_new_entities_join_those_of_the_file(path: Path, tmp_path: Path) -> None:
    with LocalRuntime(FLOW, path=tmp_path / "other.db") as runtime, runtime.client(bind=False) as client:
        for created in [client.create(Account, f"other-{number}", number) for number in range(1500)]:
            created.get(10)
    assert import_lines(path, exported(tmp_path / "other.db")) == Imported(1500, 0, 0)
    assert money(path, "other-1499") == 1499
    with StateFile(path) as file:
        file.check_complete()
        assert file.count("Account") == len(KEYS) + 1500


def replace_in(lines: list[bytes], number: int, **fields: Any) -> list[bytes]:
    line = msgspec.json.decode(lines[number])
    return [*lines[:number], msgspec.json.encode({**line, **fields}) + b"\n", *lines[number + 1 :]]


BROKEN = {
    "empty": (lambda lines: [], "the first line is not that of"),
    "no-header": (lambda lines: lines[1:], "the first line is not that of"),
    "other-format": (lambda lines: replace_in(lines, 0, format=2), "have format 2"),
    "cut-off": (lambda lines: lines[:-1], f"{len(KEYS) - 1} entities follow, and the first line says {len(KEYS)}"),
    "too-many": (lambda lines: [*lines, lines[-1]], "exists already"),
    "cut-line": (lambda lines: [*lines[:-1], lines[-1][:-5]], f"line {len(KEYS) + 1} is no entity"),
    "no-key": (lambda lines: replace_in(lines, 3, key=1.5), "line 4 is no entity"),
    "no-state": (lambda lines: replace_in(lines, 3, state=[1]), "line 4 is no entity"),
    "other-class": (lambda lines: replace_in(lines, 3, **{"class": "Cart"}), "line 4 is no entity .*not of Cart"),
    "other-version": (lambda lines: replace_in(lines, 3, version=9), "line 4 names version 9"),
    "deep": (lambda lines: [lines[0], b'{"class":"Account","key":' + b"[" * 100_000, *lines[2:]], "line 2 is no entity"),
    "text": (lambda lines: [*lines[:-1], b"tea\n"], "is no entity"),
}


@pytest.mark.parametrize(("spoil", "match"), BROKEN.values(), ids=BROKEN)
def test_wrong_line_imports_nothing_into_a_new_or_an_existing_file(spoil: Any, match: str, path: Path, tmp_path: Path) -> None:
    lines = spoil(exported(path))
    with pytest.raises(ImportRefused, match=match):
        import_lines(tmp_path / "new.db", lines)
    assert not list(tmp_path.glob("new*"))
    with LocalRuntime(FLOW, path=tmp_path / "other.db") as runtime, runtime.client(bind=False) as client:
        client.create(Account, "other").get(10)
    before = states(tmp_path / "other.db")
    with pytest.raises(ImportRefused, match=match):
        import_lines(tmp_path / "other.db", lines)
    assert states(tmp_path / "other.db") == before


def test_import_into_a_file_that_is_open_names_the_owner(path: Path) -> None:
    lines = exported(path)
    with LocalRuntime(FLOW, path=path), pytest.raises(DatabaseInUse, match=r"is open already, by process \d+ on"):
        import_lines(path, lines, Existing.REPLACE)
    assert states(path)
