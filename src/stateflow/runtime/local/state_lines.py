"""Entities as lines of JSON, out of a database file and into one.

The first line tells the format, how many entities follow, and the versions of the classes that wrote them. Each further line is one entity.
The request ledger is no part of it.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from stateflow.core.ports import Batch, Change
from stateflow.dataflow.history import StoredVersion
from stateflow.errors import ImportRefused, LimitExceeded, MalformedBytes
from stateflow.limits import IMPORT_ENTITIES
from stateflow.protocol.json_keys import key_from_json, key_to_json
from stateflow.protocol.json_states import state_from_json, state_to_json
from stateflow.protocol.keys import KeyRange, read_key
from stateflow.runtime.local.database import SqliteDatabase
from stateflow.runtime.local.file_lock import lock_path

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from stateflow.runtime.local.state_file import StateFile, StoredEntity

__all__ = ["Existing", "Imported", "export_lines", "import_lines", "to_line"]

_FORMAT = 1
_NO_REPLIES = msgspec.msgpack.encode([])
_NOTHING = "nothing was imported"


class Existing(Enum):
    """What an import does about an entity that the file has already."""

    REFUSE = "refuse"
    SKIP = "skip"
    REPLACE = "replace"


class Imported(NamedTuple):
    """How many entities an import made, gave another state, and left as they were."""

    new: int
    replaced: int
    skipped: int


class _Header(msgspec.Struct, frozen=True, kw_only=True):
    stateflow: str
    format: int
    entities: int
    versions: list[StoredVersion]


class _Line(msgspec.Struct, frozen=True, kw_only=True, rename={"class_name": "class"}):
    class_name: str
    key: Any
    version: int
    state: Any


_encode = msgspec.json.Encoder().encode
_decode_header = msgspec.json.Decoder(_Header).decode
_decode_line = msgspec.json.Decoder(_Line).decode


def to_line(entity: StoredEntity, versions: Sequence[StoredVersion]) -> dict[str, Any]:
    """Return one entity as what its line holds.

    Raises:
        MalformedBytes: it is damaged.
    """
    class_name = {known.number: known.version.class_name for known in versions}.get(entity.version, entity.class_name)
    state = state_to_json(entity.state, class_name)
    return {"class": entity.class_name, "key": key_to_json(entity.key), "version": entity.version, "state": state}


def export_lines(file: StateFile, stored_names: Sequence[str]) -> Iterator[bytes]:
    """Yield the entities of some classes as lines, after the line that introduces them.

    Raises:
        DatabaseDamaged: an entity is damaged or missing.
    """
    file.check_complete()
    count = sum(file.count(name) for name in stored_names)
    versions = [known for known in file.versions if known.stored_name in stored_names]
    yield _encode(_Header(stateflow="state", format=_FORMAT, entities=count, versions=versions)) + b"\n"
    for entity in file.entities(stored_names):
        yield _encode(to_line(entity, versions)) + b"\n"


def import_lines(
    path: str | os.PathLike[str],
    lines: Iterable[bytes],
    existing: Existing = Existing.REFUSE,
    progress: Callable[[int, int], object] | None = None,
) -> Imported:
    """Put the entities of exported lines into a database file: all of them, or in case of an error none.

    Args:
        path: the file; it is made when it does not exist.
        lines: what `export_lines` gave.
        existing: what to do about entities that are there already.
        progress: called now and then with how many entities are read, and of how many.

    Raises:
        ImportRefused: a line is wrong, an entity exists, or its class is another one in the file.
        DatabaseInUse: a runtime has the file open.
        DatabaseError: the file cannot be used.
    """
    is_new = not Path(path).exists()
    database = SqliteDatabase(path)
    run = _Import(database, existing, progress)
    try:
        database.commit_all(run.batches(lines))
    except BaseException:
        database.abandon()
        if is_new:
            for made in (database.path, *(Path(f"{database.path}{end}") for end in ("-wal", "-shm")), lock_path(database.path)):
                made.unlink(missing_ok=True)
        raise
    database.close()
    return Imported(run.new, run.replaced, run.skipped)


class _Import:
    """One import on its way.

    Args:
        database: where the entities go.
        existing: what to do about entities that are there already.
        progress: is told how far it is.
    """

    def __init__(self, database: SqliteDatabase, existing: Existing, progress: Callable[[int, int], object] | None) -> None:
        self.new = self.replaced = self.skipped = 0
        self._database = database
        self._existing = existing
        self._progress = progress
        self._number = database.last_number
        self._changes: dict[tuple[str, bytes], Change] = {}
        self._given: dict[int, StoredVersion] = {}
        self._numbers: dict[int, int] = {}

    def batches(self, lines: Iterable[bytes]) -> Iterator[Batch]:
        """Yield what is to be committed, in parts. Each is in the database before the next is asked for."""
        rest = iter(lines)
        header = self._header(next(rest, b""))
        self._given = {known.number: known for known in header.versions}
        self._numbers, versions = merged_versions(self._database.versions(), header.versions)
        yield self._batch(versions)
        count = 0
        for count, line in enumerate(rest, 1):
            change = self._change(line, count + 1)
            if change.address in self._changes or len(self._changes) >= IMPORT_ENTITIES:
                yield self._batch()
                self._tell(count, header.entities)
            self._take(change, count + 1)
        if count != header.entities:
            raise ImportRefused(f"SF555: {count} entities follow, and the first line says {header.entities}: it is cut off; {_NOTHING}")
        yield self._batch()
        self._tell(count, header.entities)

    def _tell(self, count: int, total: int) -> None:
        if self._progress is not None:
            self._progress(count, total)

    def _batch(self, versions: Sequence[StoredVersion] = ()) -> Batch:
        changes, self._changes = [*self._changes.values()], {}
        self._number += 1
        return Batch(self._number, changes, _NO_REPLIES, None, versions)

    def _header(self, line: bytes) -> _Header:
        try:
            header = _decode_header(line)
        except msgspec.MsgspecError as error:
            raise ImportRefused(f"SF555: the first line is not that of `stateflow state export` ({error}); {_NOTHING}") from error
        if (header.stateflow, header.format) != ("state", _FORMAT):
            raise ImportRefused(f"SF555: the lines have format {header.format}; this StateFlow reads {_FORMAT}; {_NOTHING}")
        return header

    def _change(self, line: bytes, number: int) -> Change:
        try:
            read = _decode_line(line)
            known = self._given[read.version]
            if known.stored_name != read.class_name:
                raise MalformedBytes(f"version {read.version} is one of {known.stored_name}, not of {read.class_name}")
            state = state_from_json(read.state, known.version.class_name)
            return Change(read.class_name, key_from_json(read.key), state, False, self._numbers[read.version])
        except KeyError as error:
            raise ImportRefused(f"SF555: line {number} names version {error}, which the first line lacks; {_NOTHING}") from error
        except (msgspec.MsgspecError, MalformedBytes, LimitExceeded, RecursionError) as error:
            raise ImportRefused(f"SF555: line {number} is no entity ({error}); {_NOTHING}") from error

    def _take(self, change: Change, number: int) -> None:
        if not self._database.count(change.class_name, KeyRange(change.key, change.key + b"\0")):
            self.new += 1
            self._changes[change.address] = msgspec.structs.replace(change, is_new=True)
            return
        match self._existing:
            case Existing.REFUSE:
                raise ImportRefused(
                    f"SF555: line {number}: {change.class_name}({read_key(change.key)!r}) exists already; {_NOTHING}. "
                    "Skip or replace those that exist, or import into another file"
                )
            case Existing.SKIP:
                self.skipped += 1
            case Existing.REPLACE:
                self.replaced += 1
                self._changes[change.address] = change


def merged_versions(known: Sequence[StoredVersion], given: Sequence[StoredVersion]) -> tuple[dict[int, int], list[StoredVersion]]:
    """Find the versions of imported states among those of a file.

    Returns:
        The number in the file for each given one, and the versions that must be added to the file.

    Raises:
        ImportRefused: the file knows a class under another stored name; or its present version of a class came neither before nor after
            the given ones, so that nobody can tell which is newer.
    """
    numbers: dict[int, int] = {}
    added: list[StoredVersion] = []
    owners = {name: stored for stored, name in _latest(known).items()}
    for stored_name, name in _latest(given).items():
        own = [version for version in known if version.stored_name == stored_name]
        if not own and owners.get(name, stored_name) != stored_name:
            raise ImportRefused(f"SF555: the file keeps {name} under another name, {owners[name]}, as it was renamed; {_NOTHING}")
        is_after = not own
        for version in sorted(version for version in given if version.stored_name == stored_name):
            same = [k.number for k in own if k.version == version.version]
            if same:
                numbers[version.number] = same[-1]
                is_after = is_after or same[-1] == own[-1].number
                continue
            if not is_after:
                raise ImportRefused(
                    f"SF555: the states of {name} were written by a version of the class that this file does not know; {_NOTHING}. "
                    "Import into a new file, and let the present classes read that"
                )
            numbers[version.number] = len(known) + len(added) + 1
            added.append(version._replace(number=numbers[version.number]))
    return numbers, added


def _latest(versions: Sequence[StoredVersion]) -> dict[str, str]:
    """Return the present name of each stored name."""
    return {known.stored_name: known.version.class_name for known in sorted(versions)}
