"""The transfer of `benchmarks.durable` as one would write it by hand over `sqlite3`."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import threading
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["PRAGMAS", "SqliteBank", "totals_of_file"]

_TABLES = """
CREATE TABLE entity (class INTEGER NOT NULL, key TEXT NOT NULL, state BLOB NOT NULL, PRIMARY KEY (class, key)) WITHOUT ROWID;
CREATE TABLE ledger (request_id TEXT PRIMARY KEY, reply BLOB NOT NULL) WITHOUT ROWID;
"""
PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "cache_size = -32768", "wal_autocheckpoint = 4000")
_READ = "SELECT state FROM entity WHERE class = 1 AND key = ?"
_WRITE = "UPDATE entity SET state = ? WHERE class = 1 AND key = ?"


class _State(Struct, array_like=True):
    balance: int
    transfers: int


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_State).decode


class SqliteBank:
    """Accounts as rows, replies in a ledger, one commit for each transfer.

    One connection behind a lock: SQLite has one writer at a time, and connections of their own would only wait in its busy handler.

    Args:
        path: the file; it is made.
        owners: whose accounts it has.
        balance: what each holds at first.
    """

    def __init__(self, path: Path, owners: list[str], balance: int) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        for pragma in PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}").fetchall()
        self._connection.executescript(_TABLES)
        state = _encode(_State(balance, 0))
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT INTO entity VALUES (1, ?, ?)", [(owner, state) for owner in owners])
        self._connection.execute("COMMIT")

    def transfer(self, source: str, target: str, amount: int) -> bool:
        """Do one transfer durably; a request id that comes again would violate the ledger's primary key."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            done = self._move(source, target, amount)
            reply = (f"request-{next(self._numbers)}", _encode(done))
            self._connection.execute("INSERT INTO ledger VALUES (?, ?)", reply)
            self._connection.execute("COMMIT")
        return done

    def _move(self, source: str, target: str, amount: int) -> bool:
        giving, taking = self._state(source), self._state(target)
        if giving.balance < amount:
            return False
        giving.balance -= amount
        giving.transfers += 1
        taking.balance += amount
        self._connection.execute(_WRITE, (_encode(giving), source))
        self._connection.execute(_WRITE, (_encode(taking), target))
        return True

    def _state(self, owner: str) -> _State:
        return _decode(self._connection.execute(_READ, (owner,)).fetchone()[0])

    def read(self, owner: str) -> int:
        """Return what an account holds."""
        with self._lock:
            return self._state(owner).balance

    def totals(self) -> tuple[int, int]:
        """Return the sum of money and of transfers."""
        return _totals(self._connection)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def totals_of_file(path: Path) -> tuple[int, int]:
    """Return the sum of money and of transfers in a file that nobody has open."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return _totals(connection)


def _totals(connection: sqlite3.Connection) -> tuple[int, int]:
    states = [_decode(state) for (state,) in connection.execute("SELECT state FROM entity")]
    return sum(state.balance for state in states), sum(state.transfers for state in states)
