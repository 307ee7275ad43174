"""An engine that keeps up sends at once; one that is behind gathers for a part of the time that it is behind, and not for long."""

from __future__ import annotations

import pytest

from stateflow.limits import GATHERED_BYTES
from stateflow.runtime.flink.gathering import BEHIND_MS, MOST_WAIT_MS, Gathered, Lag

NOW_MS = 1_700_000_000_000.0


@pytest.mark.parametrize("ahead_ms", [-5000, 0, 5000])
def test_engine_that_keeps_up_waits_for_nothing_whatever_the_brokers_clock_says(ahead_ms: int) -> None:
    lag = Lag()
    waits = {lag.wait_ms(int(NOW_MS) + number + ahead_ms, NOW_MS + number + 3 + number % 3) for number in range(1000)}
    assert waits == {0}


def test_engine_that_is_behind_waits_for_half_of_that() -> None:
    lag = Lag()
    lag.wait_ms(int(NOW_MS), NOW_MS + 3)
    assert lag.wait_ms(int(NOW_MS), NOW_MS + 3 + BEHIND_MS - 1) == 0
    assert lag.wait_ms(int(NOW_MS), NOW_MS + 3 + 21) == 10


def test_no_step_waits_longer_than_the_most() -> None:
    lag = Lag()
    lag.wait_ms(int(NOW_MS), NOW_MS)
    assert lag.wait_ms(int(NOW_MS), NOW_MS + 10_000) == MOST_WAIT_MS


def test_clock_that_was_set_counts_as_being_behind_for_some_time_only() -> None:
    lag = Lag()
    lag.wait_ms(int(NOW_MS), NOW_MS)
    minutes = next(number for number in range(60) if not lag.wait_ms(int(NOW_MS) + number * 60_000 - 100, NOW_MS + number * 60_000))
    assert 10 <= minutes <= 20


def test_what_waits_outlives_its_worker_in_its_order_and_with_its_size() -> None:
    gathered = Gathered()
    gathered.add([("1", b"a"), ("2", b"b")])
    gathered.add([("1", bytes(GATHERED_BYTES))])
    again = Gathered(gathered.encode())
    assert again.is_full
    assert again.take() == gathered.take() == [("1", b"a"), ("2", b"b"), ("1", bytes(GATHERED_BYTES))]
    assert not gathered
    assert not gathered.is_full
