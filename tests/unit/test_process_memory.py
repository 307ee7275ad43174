"""The cache takes a share of what the process may use, and never less than it took before it looked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stateflow import process_memory
from stateflow.limits import CACHE_BYTES, CACHE_SHARE
from stateflow.options import LocalOptions

GIGABYTE = 2**30


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 16 * GIGABYTE // 4096}.__getitem__, raising=False)


def test_container_that_has_less_than_the_machine_counts(tmp_path: Path) -> None:
    assert process_memory.memory_bytes(tmp_path) == 16 * GIGABYTE
    (tmp_path / "memory.max").write_text("max\n")
    assert process_memory.memory_bytes(tmp_path) == 16 * GIGABYTE
    (tmp_path / "memory.max").write_text(f"{4 * GIGABYTE}\n")
    assert process_memory.memory_bytes(tmp_path) == 4 * GIGABYTE
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "memory.limit_in_bytes").write_text(f"{2 * GIGABYTE}\n")
    assert process_memory.memory_bytes(tmp_path) == 2 * GIGABYTE


def test_system_that_does_not_tell_its_memory_gets_the_least_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> int:
        raise ValueError(name)

    monkeypatch.setattr(os, "sysconf", refuse, raising=False)
    assert process_memory.memory_bytes() == 0
    assert process_memory.cache_share_bytes.__wrapped__() == CACHE_BYTES


@pytest.mark.parametrize(("memory", "cache"), [(0, CACHE_BYTES), (GIGABYTE, CACHE_BYTES), (64 * GIGABYTE, 64 * GIGABYTE // CACHE_SHARE)])
def test_share_is_never_less_than_the_least(monkeypatch: pytest.MonkeyPatch, memory: int, cache: int) -> None:
    monkeypatch.setattr(process_memory, "memory_bytes", lambda: memory)
    assert process_memory.cache_share_bytes.__wrapped__() == cache


def test_options_take_the_share_where_nothing_is_said() -> None:
    assert LocalOptions().cache_bytes == process_memory.cache_share_bytes()
    assert LocalOptions(cache_bytes=7).cache_bytes == 7
