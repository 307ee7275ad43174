"""Statements that read or write many rows at once.

`sqlite3` gives up the interpreter at every step of a statement and must get it back, which takes up to 5 ms while other threads compute.
So all rows of one table go into one statement, whose size is a power of two, filled up with rows of NULL that are left out.

A statement of many rows that could fail alone, and leave the transaction, keeps copies of all pages that it changes, which takes longer
than the change. `OR ROLLBACK` and columns without constraints say that it cannot: a failure ends the transaction, as the caller would.
"""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

__all__ = ["find_absent", "read_states", "write_rows"]

_LARGEST = 1024
_SMALL_BYTES = 4096


def write_rows(connection: sqlite3.Connection, verb: str, table: str, rows: Sequence[tuple[Any, ...]], conflict: str = "") -> None:
    """Put rows into a table.

    Args:
        connection: inside a transaction.
        verb: `INSERT OR ROLLBACK`, `INSERT OR IGNORE`, or `DELETE` for tables of one column.
        table: where they go.
        rows: all of one length; the first column is never NULL.
        conflict: what to do with a row that is there already, such as `ON CONFLICT DO UPDATE SET state = excluded.state`.
    """
    for start in range(0, len(rows), _LARGEST):
        part = rows[start : start + _LARGEST]
        columns, count = len(part[0]), 1 << (len(part) - 1).bit_length()
        values = list(itertools.chain.from_iterable(part))
        values += [None] * (columns * count - len(values))
        connection.execute(_statement(verb, table, columns, count, conflict), values)


@functools.cache
def _statement(verb: str, table: str, columns: int, count: int, conflict: str) -> str:
    row = f"({', '.join('?' * columns)})"
    values = ", ".join([row] * count)
    if verb == "DELETE":
        return f"DELETE FROM {table} WHERE mark IN (SELECT column1 FROM (VALUES {values}))"
    # The condition also tells the parser that ON begins a conflict clause and not a join.
    return f"{verb} INTO {table} SELECT * FROM (VALUES {values}) WHERE column1 IS NOT NULL {conflict}"


def read_states(connection: sqlite3.Connection, asked: Sequence[tuple[int, bytes]]) -> Iterator[tuple[int, int, bytes]]:
    """Yield the states of entities that exist and are small, each with its place among those that were asked for, and its version.

    They come as one row of two texts, the numbers and the states, as `sqlite3` gives up the interpreter for every row too. SQLite promises
    nothing of text that holds zero bytes, so whoever reads states in this way checks them.

    Args:
        connection: its text is bytes.
        asked: numbers of classes, and keys.
    """
    for start in range(0, len(asked), _LARGEST):
        part = asked[start : start + _LARGEST]
        count = 1 << (len(part) - 1).bit_length()
        values: list[object] = list(itertools.chain.from_iterable(part))
        values += [None] * (2 * count - len(values))
        numbers, states = connection.execute(_states_statement(count), values).fetchone()
        # Three values for each: one split is faster than one for each row and one for each of its values.
        found = [] if numbers is None else list(map(int, numbers.split()))
        begin = 0
        for at, version, size in zip(found[::3], found[1::3], found[2::3], strict=True):
            yield start + at, version, states[begin : begin + size]
            begin += size


@functools.cache
def _states_statement(count: int) -> str:
    # Where entities are few, a whole table in place of the search by key would be right too, and slow: CROSS says which table is first.
    rows = ", ".join(f"({at}, ?, ?)" for at in range(count))
    return (
        "SELECT group_concat(asked.column1 || ' ' || version || ' ' || length(state), ' '), group_concat(CAST(state AS TEXT), '') "
        f"FROM (VALUES {rows}) AS asked CROSS JOIN entity ON class = asked.column2 AND key = asked.column3 "
        f"WHERE typeof(version) = 'integer' AND typeof(state) = 'blob' AND length(state) BETWEEN 1 AND {_SMALL_BYTES}"
    )


def find_absent(connection: sqlite3.Connection, asked: Sequence[tuple[int | None, bytes, int]]) -> Iterator[int]:
    """Yield the places of those entities that neither have a state nor are known to exist, among those that were asked for.

    Args:
        connection: its text is bytes.
        asked: numbers of classes (None: nothing of it was ever stored), keys, and marks.
    """
    for start in range(0, len(asked), _LARGEST):
        part = asked[start : start + _LARGEST]
        count = 1 << (len(part) - 1).bit_length()
        values: list[object] = list(itertools.chain.from_iterable(part))
        values += [None] * (3 * count - len(values))
        (places,) = connection.execute(_absent_statement(count), values).fetchone()
        for at in () if places is None else places.split():
            yield start + int(at)


@functools.cache
def _absent_statement(count: int) -> str:
    rows = ", ".join(f"({at}, ?, ?, ?)" for at in range(count))
    return (
        f"SELECT group_concat(column1, ' ') FROM (VALUES {rows}) WHERE column4 IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM entity WHERE class = column2 AND key = column3) "
        "AND NOT EXISTS (SELECT 1 FROM presence WHERE mark = column4)"
    )
