"""A clock that stands still until a test moves it."""

from __future__ import annotations

import datetime
import threading
from typing import Final

from stateflow.errors import ConfigurationError

__all__ = ["NOON", "Clock"]

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)
_NS = 1_000_000_000

NOON: Final = datetime.datetime(2025, 1, 1, 12, tzinfo=datetime.UTC)
"""Where a clock starts. At noon UTC nearly every time zone has the same date, so that tests of dates pass everywhere."""


class Clock:
    """The time that methods see through `datetime.now()`, `time.time()` and the like.

    A runtime takes it as `clock=`. Time passes only when a test says so; a request keeps the time at which it was sent.

    Examples:
        >>> clock = Clock()
        >>> clock.advance(90)
        >>> clock.now.isoformat()
        '2025-01-01T12:01:30+00:00'

    Args:
        start: the time at first: a `datetime` (without a time zone it is local time, as everywhere in Python) or seconds since 1970.
    """

    __slots__ = ("_lock", "_time_ns")

    def __init__(self, start: datetime.datetime | float = NOON) -> None:
        self._lock = threading.Lock()
        self._time_ns = _nanoseconds(start)

    def __call__(self) -> int:
        """Return the time in nanoseconds since 1970."""
        return self._time_ns

    @property
    def now(self) -> datetime.datetime:
        """The time, in UTC."""
        return _EPOCH + datetime.timedelta(microseconds=self._time_ns // 1000)

    def advance(
        self,
        by: datetime.timedelta | float = 0,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> None:
        """Move the clock on.

        Args:
            by: how far, as a `timedelta` or in seconds; the other arguments are added to it.
            days: days of 24 hours.
            hours: hours.
            minutes: minutes.
            seconds: seconds.

        Raises:
            ConfigurationError: the sum is negative; `set` moves a clock back.
        """
        step = by if isinstance(by, datetime.timedelta) else datetime.timedelta(seconds=by)
        step += datetime.timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        if step < datetime.timedelta(0):
            raise ConfigurationError(f"SF540: Clock.advance was given {step}, which is in the past; set the clock back with Clock.set")
        with self._lock:
            self._time_ns += step // _MICROSECOND * 1000

    def set(self, to: datetime.datetime | float) -> None:
        """Set the clock, also back: the clocks of real machines do go back.

        Args:
            to: a `datetime` (without a time zone it is local time) or seconds since 1970.
        """
        with self._lock:
            self._time_ns = _nanoseconds(to)

    def __repr__(self) -> str:
        return f"Clock({self.now.isoformat()})"


def _nanoseconds(time: datetime.datetime | float) -> int:
    if isinstance(time, datetime.datetime):
        # Not through a float, which does not hold the microseconds of today exactly.
        return (time.astimezone(datetime.UTC) - _EPOCH) // _MICROSECOND * 1000
    return int(time * _NS) if isinstance(time, int) else round(time * 1e6) * 1000
