"""The database of the embedded engine in one SQLite file: write-ahead log, one `fsync` for each commit."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from stateflow.core.ports import StoredState
from stateflow.errors import CommitFailed, ConfigurationError, DatabaseDamaged, DatabaseError, DatabaseRefused
from stateflow.failpoints import reach
from stateflow.runtime.local import schema
from stateflow.runtime.local.file_lock import FileLock
from stateflow.runtime.local.statements import find_absent, read_states, write_rows

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Sequence

    from stateflow.core.ports import Batch, Horizon
    from stateflow.dataflow.history import StoredVersion
    from stateflow.protocol.keys import KeyRange

__all__ = ["SqliteDatabase"]

_DROPPED_ROWS = 64
_OVERWRITE = "ON CONFLICT DO UPDATE SET version = excluded.version, state = excluded.state"
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA cell_size_check = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA secure_delete = OFF",
    "PRAGMA cache_size = -32768",
    "PRAGMA wal_autocheckpoint = 4000",
)


class SqliteDatabase:
    """Entities and the request ledger in one file; `stateflow.core.ports.Database`.

    Args:
        path: the file; it is made when it does not exist.
        class_names: the entity classes of the dataflow, by present and former names; a file that holds none of them, but others, is
            refused.

    Raises:
        DatabaseInUse: another runtime has it open.
        DatabaseRefused: it is not a file of StateFlow, or of a newer format, or of another dataflow.
        DatabaseDamaged: what was committed is not all there.
        DatabaseError: it cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str], class_names: Iterable[str] = ()) -> None:
        # Two names of one file are one file.
        self.path = Path(path).resolve()
        if not self.path.parent.is_dir():
            raise ConfigurationError(f"SF540: there is no folder {self.path.parent} for the database; make it first")
        self._connection: sqlite3.Connection | None = None
        self._lock = FileLock(self.path)
        try:
            self._check_size()
            self._open(frozenset(class_names))
            self._lock.claim()
        except BaseException:
            self._disconnect()
            self._lock.release()
            raise

    def _check_size(self) -> None:
        if self.path.exists() and self.path.stat().st_size == 0 and self._lock.existed:
            raise DatabaseDamaged(
                f"SF552: {self.path} is empty, but its lock file says that it was in use; put a backup back, or delete both to start anew"
            )

    def _open(self, class_names: frozenset[str]) -> None:
        try:
            connection = self._connect()
            if not schema.check(connection, self.path):
                schema.create(connection)
            self._dropping = True
            self._classes = schema.read_classes(connection, self.path)
            self._versions = schema.read_versions(connection, self.path)
            self.horizon = schema.read_horizon(connection)
            self.last_number, self.opens = self._start(connection)
        except sqlite3.Error as error:
            self._fail(error, DatabaseError, "SF550: the database cannot be opened")
        held = {known.version.class_name for known in self._versions}
        if held and class_names and class_names.isdisjoint(held):
            raise DatabaseRefused(
                f"SF553: {self.path} holds {', '.join(sorted(held))}, and the dataflow has only {', '.join(sorted(class_names))}; "
                "open the file of this dataflow"
            )

    def _connect(self) -> sqlite3.Connection:
        self._connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, cached_statements=256)
        # Damaged text would not decode, inside of SQLite's own module.
        self._connection.text_factory = bytes
        # Before anything is set: the file of another program stays as it is.
        schema.check(self._connection, self.path)
        for pragma in _PRAGMAS:
            self._connection.execute(pragma).fetchall()
        return self._connection

    def _start(self, connection: sqlite3.Connection) -> tuple[int, int]:
        """Return the number of the last commit, and of this opening. Also shows at once whether the file can be written."""
        rows = connection.execute("UPDATE progress SET opens = opens + 1 WHERE id = 1 RETURNING number, opens").fetchall()
        if len(rows) != 1 or not all(type(value) is int and value >= 0 for value in rows[0]):
            raise DatabaseDamaged(f"SF552: the number of the last commit in {self.path} is damaged; put a backup back")
        last, opens = rows[0]
        noted = self._lock.acknowledged()
        if noted is not None and noted > last:
            raise DatabaseDamaged(
                f"SF552: {self.path} was committed up to number {noted} and now ends at {last}: its write-ahead log was lost or damaged. "
                f"Put a backup back; or delete {self._lock.path} to go on without those commits"
            )
        return last, opens

    def versions(self) -> list[StoredVersion]:
        """Return the versions of classes that have written to the file."""
        return self._versions

    def has_states(self, class_name: str, version: int) -> bool:
        """Tell whether there are states of a version."""
        query = "SELECT 1 FROM entity WHERE class = ? AND version = ? LIMIT 1"
        try:
            return self._live().execute(query, (self._classes.get(class_name), version)).fetchone() is not None
        except sqlite3.Error as error:
            self._fail(error, DatabaseError, f"SF550: the entities of {class_name} cannot be read")

    def load(self, class_name: str, key: bytes) -> StoredState | None:
        """Return the state of an entity."""
        number = self._classes.get(class_name)
        try:
            row = self._reading().execute("SELECT version, state FROM entity WHERE class = ? AND key = ?", (number, key)).fetchone()
            if row is None:
                self._check_absence(class_name, key)
                return None
        except sqlite3.Error as error:
            self._fail(error, DatabaseError, f"SF550: {class_name} {key!r} cannot be read")
        state = schema.unseal(row[1], schema.seed_of(class_name, key, row[0])) if type(row[0]) is int else None
        if state is None:
            raise DatabaseDamaged(f"SF552: the state of {class_name} {key!r} in {self.path} is damaged; put a backup back")
        return StoredState(row[0], state)

    def load_small(self, addresses: Sequence[tuple[str, bytes]]) -> dict[tuple[str, bytes], StoredState]:
        """Return the states of many entities at once."""
        known = [address for address in addresses if address[0] in self._classes]
        found = {}
        # What cannot be read here is an error of the request that asks for it, when `load` finds it.
        with contextlib.suppress(sqlite3.Error, DatabaseError):
            for at, version, sealed in read_states(self._reading(), [(self._classes[name], key) for name, key in known]):
                state = schema.unseal(sealed, schema.seed_of(*known[at], version))
                if state is not None:
                    found[known[at]] = StoredState(version, state)
        return found

    def absent(self, addresses: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
        """Return which of many entities do not exist."""
        asked = [(self._classes.get(name), key, schema.presence_mark(name, key)) for name, key in addresses]
        # As in `load_small`.
        with contextlib.suppress(sqlite3.Error, DatabaseError):
            return [addresses[at] for at in find_absent(self._reading(), asked)]
        return []

    def keys(self, class_name: str, keys: KeyRange, limit: int) -> list[bytes]:
        """Return the keys of a class in a range."""
        query = "SELECT key FROM entity WHERE class = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?"
        return [key for (key,) in self._select(query, self._classes.get(class_name), *keys, limit)]

    def count(self, class_name: str, keys: KeyRange) -> int:
        """Return how many entities of a class lie in a range."""
        query = "SELECT count(*) FROM entity WHERE class = ? AND key >= ? AND key < ?"
        ((count,),) = self._select(query, self._classes.get(class_name), *keys)
        return int(count)

    def _select(self, query: str, *given: object) -> list[Any]:
        try:
            return self._live().execute(query, given).fetchall()
        except sqlite3.Error as error:
            self._fail(error, DatabaseError, "SF550: the entities cannot be listed")

    def _check_absence(self, class_name: str, key: bytes) -> None:
        mark = schema.presence_mark(class_name, key)
        if self._reading().execute("SELECT 1 FROM presence WHERE mark = ?", (mark,)).fetchone() is not None:
            raise DatabaseDamaged(f"SF552: {class_name} {key!r} was stored in {self.path} and is not found; put a backup back")

    def commit(self, batch: Batch) -> None:
        """Keep a batch."""
        self.commit_all((batch,))

    def commit_all(self, batches: Iterable[Batch]) -> None:
        """Keep several batches, all or none of them; what their iterator raises undoes those before. It may look into the database."""
        connection = self._live()
        classes = dict(self._classes)
        written = []
        try:
            self._end_reading(connection)
            connection.execute("BEGIN IMMEDIATE")
            for batch in batches:
                self._write(connection, batch)
                written.append((batch.number, batch.versions, batch.horizon))
            reach("before-commit")
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._classes = classes
            self._roll_back(connection)
            self._fail(error, CommitFailed, "SF554: the changes could not be committed and are not kept")
        except Exception:
            self._classes = classes
            self._roll_back(connection)
            raise
        for number, versions, horizon in written:
            self._note(number, versions, horizon)
        reach("after-commit")

    def _note(self, number: int, versions: Sequence[StoredVersion], horizon: Horizon | None) -> None:
        self.last_number = number
        self._versions += versions
        if horizon is not None:
            self.horizon = horizon
        # The commit is durable all the same; the note only finds out about a log that gets lost.
        with contextlib.suppress(OSError):
            self._lock.note(number)

    def _write(self, connection: sqlite3.Connection, batch: Batch) -> None:
        reach("before-write")
        schema.write_versions(connection, batch.versions)
        stored, born, gone = [], [], []
        for change in batch.changes:
            class_name, key, state, version = change.class_name, change.key, change.state, change.version
            if state is None:
                gone.append((class_name, key))
                continue
            number = self._classes.get(class_name) or self._add_class(connection, class_name)
            stored.append((number, key, version, schema.seal(state, schema.seed_of(class_name, key, version))))
            if change.is_new:
                born.append((schema.presence_mark(class_name, key),))
        if stored:
            write_rows(connection, "INSERT OR ROLLBACK", "entity", stored, _OVERWRITE)
        reach("amid-write")
        if born:
            write_rows(connection, "INSERT OR IGNORE", "presence", born)
        if gone:
            self._delete(connection, gone)
        connection.execute("INSERT INTO ledger VALUES (?, ?)", (batch.number, schema.seal(batch.replies, batch.number)))
        self._drop_replies(connection, batch)

    def _add_class(self, connection: sqlite3.Connection, name: str) -> int:
        number = self._classes[name] = len(self._classes) + 1
        connection.execute("INSERT INTO class VALUES (?, ?)", (number, name))
        return number

    def _delete(self, connection: sqlite3.Connection, gone: list[tuple[str, bytes]]) -> None:
        connection.executemany("DELETE FROM entity WHERE class = ? AND key = ?", [(self._classes[name], key) for name, key in gone])
        write_rows(connection, "DELETE", "presence", [(schema.presence_mark(name, key),) for name, key in gone])

    def _drop_replies(self, connection: sqlite3.Connection, batch: Batch) -> None:
        if batch.horizon is not None:
            schema.write_horizon(connection, batch.horizon)
            self._dropping = True
        if self._dropping:
            first = (batch.horizon or self.horizon).first_number
            old = "SELECT number FROM ledger WHERE number < ? ORDER BY number LIMIT ?"
            done = connection.execute(f"DELETE FROM ledger WHERE number IN ({old})", (first, _DROPPED_ROWS))
            self._dropping = done.rowcount == _DROPPED_ROWS

    def _roll_back(self, connection: sqlite3.Connection) -> None:
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            # Nothing else may be done with this connection; another one recovers what is durable.
            self._disconnect()

    def _live(self) -> sqlite3.Connection:
        if self._connection is None:
            try:
                return self._connect()
            except sqlite3.Error as error:
                self._disconnect()
                self._fail(error, DatabaseError, "SF550: the database cannot be opened again")
        return self._connection

    def _reading(self) -> sqlite3.Connection:
        """Return the connection, inside a transaction that lasts until the next commit.

        A read by itself would take the file's locks and give them back, system calls that take several times as long as the read. Nobody
        else writes to the file meanwhile.
        """
        connection = self._live()
        if not connection.in_transaction:
            connection.execute("BEGIN")
        return connection

    @staticmethod
    def _end_reading(connection: sqlite3.Connection) -> None:
        if connection.in_transaction:
            connection.execute("COMMIT")

    def replies(self, number: int) -> bytes:
        """Return the replies of one batch."""
        try:
            row = self._live().execute("SELECT replies FROM ledger WHERE number = ?", (number,)).fetchone()
        except sqlite3.Error as error:
            self._fail(error, DatabaseError, "SF550: the request ledger cannot be read")
        return self._checked(number, None if row is None else row[0])

    def all_replies(self) -> Iterator[tuple[int, bytes]]:
        """Yield the replies of each batch."""
        expected = self.horizon.first_number
        query = "SELECT number, replies FROM ledger WHERE number >= ? ORDER BY number"
        try:
            for number, sealed in self._live().execute(query, (expected,)):
                if number != expected:
                    break
                yield number, self._checked(number, sealed)
                expected += 1
        except sqlite3.Error as error:
            self._fail(error, DatabaseError, "SF550: the request ledger cannot be read")
        if expected != self.last_number + 1:
            self._checked(expected, None)

    def _checked(self, number: int, sealed: object) -> bytes:
        data = schema.unseal(sealed, number)
        if data is None:
            raise DatabaseDamaged(f"SF552: the replies of commit {number} in {self.path} are missing or damaged; put a backup back")
        return data

    def _fail(self, error: sqlite3.Error, kind: type[DatabaseError], text: str) -> NoReturn:
        schema.fail(self.path, error, kind, text)

    def close(self) -> None:
        """Bring everything into the one file, and let another runtime have it."""
        connection, self._connection = self._connection, None
        if connection is None:
            self._lock.release()
            return
        try:
            self._end_reading(connection)
            (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not busy:
                self._lock.forget()
        except sqlite3.Error as error:
            self._fail(error, DatabaseError, "SF550: the database could not be closed in order; the next opening does the rest")
        finally:
            connection.close()
            self._lock.release()

    def abandon(self) -> None:
        """Let go of the file as a process that dies does: what was not committed is lost."""
        self._disconnect()
        self._lock.release()

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()
