"""Statements that write many rows at once.

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
    from collections.abc import Sequence

__all__ = ["write_rows"]

_LARGEST = 1024


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
