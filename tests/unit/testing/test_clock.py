"""The clock that tests move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from stateflow.errors import ConfigurationError
from stateflow.testing import Clock


def test_clock_stands_still_at_noon_until_it_is_moved() -> None:
    clock = Clock()
    assert clock.now == datetime(2025, 1, 1, 12, tzinfo=UTC)
    assert clock() == clock() == 1_735_732_800_000_000_000


@pytest.mark.parametrize(
    ("start", "time_ns"),
    [
        (datetime(2025, 6, 1, 0, 0, 0, 1, tzinfo=UTC), 1_748_736_000_000_001_000),
        (datetime(2025, 6, 1, 2, tzinfo=timezone(timedelta(hours=2))), 1_748_736_000_000_000_000),
        (1_748_736_000, 1_748_736_000_000_000_000),
        (0.25, 250_000_000),
        (datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), -1_000_000_000),
    ],
)
def test_clock_is_exact(start: datetime | float, time_ns: int) -> None:
    assert Clock(start)() == time_ns


def test_time_without_a_zone_is_local_time() -> None:
    local = datetime(2025, 6, 1, 8, 30)
    assert Clock(local).now.timestamp() == local.timestamp()


def test_clock_moves_by_the_sum_of_what_is_given() -> None:
    clock = Clock(0)
    clock.advance(1, days=1, hours=1, minutes=1, seconds=1)
    clock.advance(timedelta(microseconds=5))
    assert clock() == (86_400 + 3_600 + 60 + 2) * 10**9 + 5_000


def test_clock_is_set_back_but_not_advanced_back() -> None:
    clock = Clock()
    clock.set(10)
    with pytest.raises(ConfigurationError, match=r"SF540: Clock\.advance"):
        clock.advance(-1)
    assert clock() == 10 * 10**9


def test_clock_says_its_time() -> None:
    assert repr(Clock(0)) == "Clock(1970-01-01T00:00:00+00:00)"
