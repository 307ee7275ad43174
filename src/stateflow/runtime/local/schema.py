"""The tables of a database file, and how a file is told to be one of ours.

    entity    class, key -> state       the checksum in front of a state covers class name, key and version too
    version   number -> class version   of which code the states are; the numbers have no gaps
    presence  mark                      a second witness of which entities exist: a search that damage leads astray is noticed
    class     id, name                  the stored name, which stays when the class is renamed
    ledger    number -> replies         one row for each commit; the numbers have no gaps
    progress  number of the last row of the ledger, and how many times the file was opened
    meta      name -> value
"""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING, NoReturn

import msgspec

from stateflow.core.ports import Horizon
from stateflow.dataflow.history import StoredVersion
from stateflow.errors import DatabaseDamaged, DatabaseRefused

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from stateflow.errors import DatabaseError

__all__ = [
    "FORMAT",
    "check",
    "create",
    "fail",
    "presence_mark",
    "read_classes",
    "read_horizon",
    "read_versions",
    "seal",
    "seed_of",
    "unseal",
    "write_horizon",
    "write_versions",
]

APPLICATION_ID = 0x53466C77
FORMAT = 3
"""The format of the file: 1 before keys were ordered, 2 before versions of classes were kept. A file of another format is refused."""

_FORMER = {1: "whose keys have no order", 2: "which does not tell by which code its entities were written"}
_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE class (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE entity (class INTEGER NOT NULL, key BLOB NOT NULL, version INTEGER, state BLOB,
    PRIMARY KEY (class, key)) WITHOUT ROWID;
CREATE TABLE version (number INTEGER PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE presence (mark INTEGER PRIMARY KEY);
CREATE TABLE ledger (number INTEGER PRIMARY KEY, replies BLOB NOT NULL);
CREATE TABLE progress (id INTEGER PRIMARY KEY, number INTEGER NOT NULL, opens INTEGER NOT NULL);
INSERT INTO progress VALUES (1, 0, 0);
CREATE TRIGGER advance AFTER INSERT ON ledger BEGIN UPDATE progress SET number = NEW.number WHERE id = 1; END;
"""


def create(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty file, all or none."""
    connection.execute("BEGIN IMMEDIATE")
    for statement in _TABLES.strip().split(";\n"):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")
    write_horizon(connection, Horizon(1, -1))
    connection.execute("COMMIT")


def check(connection: sqlite3.Connection, path: object) -> bool:
    """Tell whether the file has our tables; False when it is an empty database.

    Raises:
        DatabaseRefused: it is another program's file, or of a newer format.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application == APPLICATION_ID:
        if version > FORMAT:
            raise DatabaseRefused(
                f"SF553: {path} has format {version}, this version of StateFlow reads up to {FORMAT}; open it with the newer StateFlow"
            )
        if version in _FORMER:
            raise DatabaseRefused(f"SF553: {path} has format {version}, {_FORMER[version]}; this StateFlow reads format {FORMAT} only")
        if version < 1:
            raise DatabaseDamaged(f"SF552: {path} has format {version}, which never was; put a backup back")
        return True
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables or application:
        raise DatabaseRefused(f"SF553: {path} is a SQLite file of another program; give StateFlow a file of its own")
    return False


def fail(path: object, error: sqlite3.Error, kind: type[DatabaseError], text: str) -> NoReturn:
    """Raise what an error of SQLite means: that the file is another one, or damaged; else an error of a kind, with a text."""
    if getattr(error, "sqlite_errorname", "").startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        if "not a database" in str(error):
            raise DatabaseRefused(f"SF553: {path} is not a file of StateFlow; name another file") from error
        raise DatabaseDamaged(f"SF552: {path} is damaged ({error}); put a backup back") from error
    raise kind(f"{text} ({error}): {path}. Look at the disk; it may be full or read-only") from error


def read_classes(connection: sqlite3.Connection, path: object) -> dict[str, int]:
    """Return the numbers of the classes, by their stored names.

    Raises:
        DatabaseDamaged: a name is damaged.
    """
    try:
        return {str(name, "utf-8"): number for number, name in connection.execute("SELECT id, name FROM class")}
    except (TypeError, UnicodeDecodeError) as error:
        raise DatabaseDamaged(f"SF552: the names of the classes in {path} are damaged; put a backup back") from error


_VERSIONS_SEED = zlib.crc32(b"version") & 0xFFFF0000
_decode_version = msgspec.msgpack.Decoder(StoredVersion).decode


def read_versions(connection: sqlite3.Connection, path: object) -> list[StoredVersion]:
    """Return the versions of classes that have written to the file.

    Raises:
        DatabaseDamaged: one is missing or damaged.
    """
    found = []
    for expected, (number, sealed) in enumerate(connection.execute("SELECT number, content FROM version ORDER BY number"), 1):
        data = unseal(sealed, _VERSIONS_SEED + expected) if number == expected else None
        if data is None:
            raise DatabaseDamaged(f"SF552: version {expected} of the classes in {path} is missing or damaged; put a backup back")
        found.append(_decode_version(data))
    return found


def write_versions(connection: sqlite3.Connection, versions: Sequence[StoredVersion]) -> None:
    """Add versions of classes."""
    for version in versions:
        sealed = seal(msgspec.msgpack.encode(version), _VERSIONS_SEED + version.number)
        connection.execute("INSERT INTO version VALUES (?, ?)", (version.number, sealed))


def seed_of(class_name: str, key: bytes, version: int) -> int:
    """Return the checksum that the state of an entity begins with."""
    return zlib.crc32(key, zlib.crc32(class_name.encode(), version))


def seal(data: bytes, seed: int) -> bytes:
    """Return data behind its checksum."""
    return zlib.crc32(data, seed).to_bytes(4) + data


def unseal(sealed: object, seed: int) -> bytes | None:
    """Return the data of sealed bytes; None when they are damaged."""
    if type(sealed) is not bytes or len(sealed) < 4:
        return None
    data = sealed[4:]
    return data if zlib.crc32(data, seed) == int.from_bytes(sealed[:4]) else None


def presence_mark(class_name: str, key: bytes) -> int:
    """Return the number that stands for an entity among those that exist."""
    return int.from_bytes(hashlib.blake2b(class_name.encode() + b":" + key, digest_size=8).digest(), signed=True)


_HORIZON_SEED = zlib.crc32(b"horizon")


def write_horizon(connection: sqlite3.Connection, horizon: Horizon) -> None:
    """Keep the horizon of the ledger."""
    connection.execute("REPLACE INTO meta VALUES ('horizon', ?)", (seal(msgspec.msgpack.encode(horizon), _HORIZON_SEED),))


def read_horizon(connection: sqlite3.Connection) -> Horizon:
    """Return the horizon of the ledger.

    Raises:
        DatabaseDamaged: it is missing or damaged.
    """
    row = connection.execute("SELECT value FROM meta WHERE name = 'horizon'").fetchone()
    data = None if row is None else unseal(row[0], _HORIZON_SEED)
    if data is None:
        raise DatabaseDamaged("SF552: the horizon of the request ledger is damaged; put a backup back")
    return msgspec.msgpack.decode(data, type=Horizon)
