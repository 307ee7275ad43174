"""A database file as other programs look at it: read only, at one moment, also while a runtime has it open.

SQLite's write-ahead log lets others read while one writes: what is read is the state after one commit, and the writer does not wait.
Nothing here needs the user's classes: keys and states are bytes.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from stateflow.errors import ConfigurationError, DatabaseDamaged, DatabaseError, DatabaseRefused, EntityNotFound
from stateflow.protocol.keys import KeyRange, encode_key, key_range
from stateflow.runtime.local import schema
from stateflow.runtime.local.file_lock import noted_commit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Self

__all__ = ["StateFile", "StoredEntity"]

_BACKUP_PAGES = 1024


class StoredEntity(NamedTuple):
    """One entity as the file has it: the stored name of its class, its encoded key, and its state with the version that wrote it."""

    class_name: str
    key: bytes
    version: int
    state: bytes


class StateFile:
    """What a file holds at the moment of opening. Use it in a `with` block.

    Args:
        path: the database file.

    Attributes:
        versions: the versions of classes that have written to it.
        number: the number of the last commit.

    Raises:
        ConfigurationError: there is no such file.
        DatabaseRefused: it is not a file of StateFlow, or of another format.
        DatabaseDamaged: what was committed is not all there.
        DatabaseError: it cannot be read.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).resolve()
        if not self.path.is_file():
            raise ConfigurationError(f"SF540: there is no file {self.path}")
        # Before the moment that is read, so that whatever is noted must be there.
        noted = noted_commit(self.path)
        try:
            # Not read-only: what a process that died left in the log must be put in order first, as any opening does.
            self._connection = sqlite3.connect(f"file:{quote(str(self.path))}?mode=rw", uri=True, isolation_level=None)
        except sqlite3.Error as error:
            schema.fail(self.path, error, DatabaseError, "SF550: the database cannot be opened")
        try:
            self._begin(noted)
        except sqlite3.Error as error:
            self.close()
            schema.fail(self.path, error, DatabaseError, "SF550: the database cannot be read")
        except BaseException:
            self.close()
            raise

    def _begin(self, noted: int | None) -> None:
        connection = self._connection
        connection.text_factory = bytes
        if not schema.check(connection, self.path):
            raise DatabaseRefused(f"SF553: {self.path} is empty; name a file that a runtime has opened")
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("BEGIN")
        ((self.number,),) = connection.execute("SELECT number FROM progress WHERE id = 1").fetchall() or [(None,)]
        if type(self.number) is not int or (noted is not None and noted > self.number):
            raise DatabaseDamaged(
                f"SF552: {self.path} was committed up to number {noted} and now ends at {self.number}: "
                "its write-ahead log was lost or damaged; put a backup back"
            )
        self._classes = schema.read_classes(connection, self.path)
        self.versions = schema.read_versions(connection, self.path)

    @property
    def classes(self) -> dict[str, str]:
        """The stored names of the classes that have entities, each with the name that the class had when it wrote last."""
        latest = {known.stored_name: known.version.class_name for known in self.versions}
        return {name: latest.get(name, name) for name in self._classes}

    def stored_name(self, class_name: str) -> str:
        """Return the stored name of a class, by the name that it has or had.

        Raises:
            ConfigurationError: the file has no such class, or several that were called so.
        """
        present = [stored for stored, name in self.classes.items() if name == class_name]
        named = present or [known.stored_name for known in self.versions if known.version.class_name == class_name]
        found = list(dict.fromkeys(named))
        if len(found) != 1:
            names = ", ".join(sorted(self.classes.values())) or "none yet"
            raise ConfigurationError(f"SF540: {self.path} has no class {class_name!r}; it has {names}")
        return found[0]

    def count(self, stored_name: str, keys: KeyRange | None = None) -> int:
        """Return how many entities of a class there are in a range of keys."""
        query = "SELECT count(*) FROM entity WHERE class = ? AND key >= ? AND key < ?"
        ((count,),) = self._rows(query, self._classes.get(stored_name), *(keys or key_range()))
        return int(count)

    def count_versions(self) -> dict[int, int]:
        """Return how many entities each version of a class wrote last."""
        return dict(self._rows("SELECT version, count(*) FROM entity GROUP BY version"))

    def keys(self, stored_name: str, keys: KeyRange, limit: int) -> Iterator[bytes]:
        """Yield the encoded keys of a class in a range, in order, at most `limit`."""
        query = "SELECT key FROM entity WHERE class = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?"
        for (key,) in self._rows(query, self._classes.get(stored_name), *keys, limit):
            yield key

    def get(self, stored_name: str, key: object) -> StoredEntity:
        """Return one entity.

        Raises:
            EntityNotFound: it does not exist.
            DatabaseDamaged: its state is damaged.
        """
        data = encode_key(key)
        rows = list(self._rows("SELECT version, state FROM entity WHERE class = ? AND key = ?", self._classes.get(stored_name), data))
        if not rows:
            raise EntityNotFound(self.classes.get(stored_name, stored_name), key)
        return self._entity(stored_name, data, *rows[0])

    def entities(self, stored_names: Iterable[str]) -> Iterator[StoredEntity]:
        """Yield the entities of some classes, in the order of their keys.

        Raises:
            DatabaseDamaged: a state is damaged.
        """
        query = "SELECT key, version, state FROM entity WHERE class = ? ORDER BY key"
        for name in stored_names:
            for key, version, state in self._rows(query, self._classes.get(name)):
                yield self._entity(name, key, version, state)

    def check_complete(self) -> None:
        """Compare the number of entities with that of the second table, which knows which ones exist.

        Raises:
            DatabaseDamaged: they differ.
        """
        ((there, known),) = self._rows("SELECT (SELECT count(*) FROM entity), (SELECT count(*) FROM presence)")
        if there != known:
            raise DatabaseDamaged(f"SF552: {self.path} has {there} entities and was left with {known}; put a backup back")

    def check_states(self, progress: Callable[[int, int], object] | None = None) -> None:
        """Compare each state with its checksum.

        Args:
            progress: called now and then with how many entities were looked at, and of how many.

        Raises:
            DatabaseDamaged: one is damaged, or an entity is missing.
        """
        self.check_complete()
        total = sum(map(self.count, self._classes))
        for number, _ in enumerate(self.entities(self._classes), 1):
            if progress is not None and (number % 1000 == 0 or number == total):
                progress(number, total)

    def back_up(self, target: Path, progress: Callable[[int, int], object] | None = None) -> None:
        """Write a copy of the file as it is at this moment, entities and request ledger.

        The copy is made beside `target` and takes its name when it is complete and on the disk.

        Args:
            target: the new file.
            progress: called now and then with how many pages are copied, and of how many.

        Raises:
            DatabaseError: it cannot be written, or what was written is not sound.
        """
        unfinished = target.with_name(target.name + "-unfinished")
        unfinished.unlink(missing_ok=True)
        try:
            self._copy(unfinished, progress)
            _synchronize(unfinished)
            unfinished.replace(target)
            _synchronize(target.parent)
        except sqlite3.Error as error:
            schema.fail(unfinished, error, DatabaseError, "SF550: the backup cannot be written")
        except OSError as error:
            raise DatabaseError(f"SF550: the backup {target} cannot be written ({error.strerror})") from error
        finally:
            for leftover in ("", "-wal", "-shm", "-journal"):
                unfinished.with_name(unfinished.name + leftover).unlink(missing_ok=True)

    def _copy(self, path: Path, progress: Callable[[int, int], object] | None) -> None:
        def tell(status: int, remaining: int, total: int) -> None:
            if progress is not None:
                progress(total - remaining, total)

        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as copy:
            copy.execute("PRAGMA synchronous = OFF")
            # All steps see the moment of this connection's transaction, whatever is committed between them.
            self._connection.backup(copy, pages=_BACKUP_PAGES, progress=tell)
            # One file, complete without a log beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
            found = copy.execute("PRAGMA quick_check(1)").fetchall()
            if found != [("ok",)]:
                raise DatabaseDamaged(f"SF552: {self.path} is damaged, and so would the backup be ({found[0][0]}); put an older one back")

    def _entity(self, stored_name: str, key: bytes, version: object, sealed: object) -> StoredEntity:
        if type(version) is int and (state := schema.unseal(sealed, schema.seed_of(stored_name, key, version))) is not None:
            return StoredEntity(stored_name, key, version, state)
        raise DatabaseDamaged(f"SF552: the state of {stored_name} {key!r} in {self.path} is damaged; put a backup back")

    def _rows(self, query: str, *given: object) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._connection.execute(query, given)
        except sqlite3.Error as error:
            schema.fail(self.path, error, DatabaseError, "SF550: the entities cannot be read")

    def close(self) -> None:
        """Let go of the file. May be called again."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _synchronize(path: Path) -> None:
    """Make sure that a file, or the names in a folder, are on the disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
