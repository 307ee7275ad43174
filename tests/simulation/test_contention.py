"""Transactions that want the same entities stay quick; times are virtual but for the core's own."""

from __future__ import annotations

import pytest

from benchmarks.contention import many_to_one, zipf_both_sides

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("contention")]

GROWTH = 1.5


@pytest.mark.parametrize("partitions", [4, 16])
def test_many_payers_to_one_payee_keep_p99_under_100_ms_without_growing_queues(partitions: int) -> None:
    measured = many_to_one(partitions, seconds=2)
    assert measured.transactions == 2_000
    assert measured.p99_ms < 100
    assert measured.last_p99_ms < max(20, GROWTH * measured.p99_ms)


@pytest.mark.parametrize("partitions", [4, 16])
def test_transfers_by_zipf_s_law_on_both_sides_keep_p99_under_100_ms_without_growing_queues(partitions: int) -> None:
    measured = zipf_both_sides(partitions, seconds=2)
    assert measured.transactions == 4_000
    assert measured.p99_ms < 100
    assert measured.last_p99_ms < max(100, GROWTH * measured.p99_ms)
    assert measured.aborted == 0
