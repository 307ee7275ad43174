"""Both databases list and count the keys that they hold, whatever was written, deleted and written again."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stateflow.core.ports import Batch, Change, Database
from stateflow.protocol.keys import KeyRange, encode_key, key_range
from stateflow.runtime.local.database import SqliteDatabase
from stateflow.runtime.local.memory import MemoryDatabase

KEYS = st.one_of(st.text(st.sampled_from("ab\0"), max_size=3), st.integers(-2, 2), st.tuples(st.sampled_from("ab"), st.integers(0, 2)))
# One batch: for each key of one of two classes, whether it is there afterwards.
BATCHES = st.lists(st.dictionaries(st.tuples(st.sampled_from(["A", "B"]), KEYS.map(encode_key)), st.booleans(), max_size=6), max_size=8)
RANGES = st.one_of(st.just(None), st.text(st.sampled_from("ab\0"), max_size=2), st.sampled_from([(), ("a",)])).map(key_range)


def write(database: Database, batches: list[dict[tuple[str, bytes], bool]], ranges: list[KeyRange]) -> None:
    """Write the batches one after the other, and compare what the database lists with what it must hold."""
    held: set[tuple[str, bytes]] = set()
    for number, batch in enumerate(batches, 1):
        changes = [
            Change(name, key, b"\x01\x80" if wanted else None, (name, key) not in held, 1)
            for (name, key), wanted in batch.items()
            if wanted or (name, key) in held
        ]
        database.commit(Batch(number, changes, b"\x90"))
        held = {address for address in held if batch.get(address, True)} | {address for address, wanted in batch.items() if wanted}
        # Not after each batch: what is put in order must be right after several changes, too.
        for keys in ranges if number % 2 else ():
            check(database, held, keys)
    for keys in ranges:
        check(database, held, keys)


def check(database: Database, held: set[tuple[str, bytes]], keys: KeyRange) -> None:
    for name in ("A", "B", "never written"):
        expected = sorted(key for known, key in held if known == name and keys.first <= key < keys.end)
        assert list(database.keys(name, keys, 100)) == expected
        assert list(database.keys(name, keys, 2)) == expected[:2]
        assert database.count(name, keys) == len(expected)


@given(BATCHES, st.lists(RANGES, min_size=1, max_size=3))
def test_memory_lists_what_it_holds(batches: list[dict[tuple[str, bytes], bool]], ranges: list[KeyRange]) -> None:
    write(MemoryDatabase(), batches, ranges)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(BATCHES, st.lists(RANGES, min_size=1, max_size=3))
def test_file_lists_what_it_holds(batches: list[dict[tuple[str, bytes], bool]], ranges: list[KeyRange]) -> None:
    with tempfile.TemporaryDirectory() as folder, closing(SqliteDatabase(Path(folder) / "shop.db")) as database:
        write(database, batches, ranges)


def test_range_that_ends_before_it_begins_is_empty() -> None:
    database = MemoryDatabase()
    database.commit(Batch(1, [Change("A", encode_key(key), b"\x01\x80", True, 1) for key in "abc"], b"\x90"))
    assert database.count("A", KeyRange(encode_key("c"), encode_key("a"))) == 0
    assert database.keys("A", KeyRange(encode_key("c"), encode_key("a")), 10) == []
