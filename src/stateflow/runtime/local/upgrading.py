"""Bring all states of a file into the form of the present classes at once, instead of each when its entity is next changed.

Afterwards nothing in the file needs the former names and the steps of `__upgrade__` any more.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

from stateflow.core.executor import Executor
from stateflow.errors import StateflowError
from stateflow.options import LocalOptions
from stateflow.protocol.keys import KeyRange, decode_key, key_range
from stateflow.runtime.local.database import SqliteDatabase

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator

    from stateflow.core.journal import Journal
    from stateflow.core.ports import Database
    from stateflow.dataflow import Dataflow

__all__ = ["Upgraded", "upgrade_file"]

_PAGE = 512


class Upgraded(NamedTuple):
    """How many entities a file has, how many of them were written anew, and why others could not be."""

    entities: int
    written: int
    failures: list[StateflowError]


def upgrade_file(
    flow: Dataflow, path: str | os.PathLike[str], options: LocalOptions | None = None, progress: Callable[[int, int], object] | None = None
) -> Upgraded:
    """Write every entity that an older version of its class wrote as the present class takes it over.

    What is written stays when the process ends before the rest is; the next time goes on with that.

    Args:
        flow: the present classes.
        path: the file, which no runtime has open.
        options: as for a runtime.
        progress: called now and then with how many entities are done, and of how many.

    Raises:
        DatabaseError: the file cannot be used.
        IncompatibleSchema: the classes cannot go on with the file.
    """
    database = SqliteDatabase(path, flow.by_name)
    with contextlib.ExitStack() as stack:
        stack.callback(database.abandon)
        journal = Executor(flow).open(database, options or LocalOptions())
        done = _upgrade(flow, database, journal, progress or (lambda number, total: None))
        stack.pop_all()
    database.close()
    return done


def _upgrade(flow: Dataflow, database: Database, journal: Journal, progress: Callable[[int, int], object]) -> Upgraded:
    names = {cls: journal.stored_name(cls) for cls in flow.classes}
    total = sum(database.count(name, key_range()) for name in names.values())
    number = written = 0
    failures: list[StateflowError] = []
    for cls, name in names.items():
        for page in _pages(database, name):
            for key in page:
                try:
                    written += journal.take_over(cls, decode_key(key, flow.values.enums))
                except StateflowError as error:
                    failures.append(error)
            journal.commit()
            number += len(page)
            progress(number, total)
    return Upgraded(total, written, failures)


def _pages(database: Database, name: str) -> Iterator[list[bytes]]:
    keys = key_range()
    while page := list(database.keys(name, keys, _PAGE)):
        yield page
        keys = KeyRange(page[-1] + b"\0", keys.end)
