"""Which crashes a test wants, and which it got."""

from __future__ import annotations

import threading
from collections import Counter
from typing import NamedTuple

from stateflow.errors import ConfigurationError
from stateflow.failpoints import POINTS, check_point

__all__ = ["Crash", "CrashPlan", "crashes"]


class Crash(NamedTuple):
    """A crash to come: at the fail point `point`, when it is reached the `nth` time.

    Examples:
        >>> str(Crash("before-commit"))
        'before-commit'
    """

    point: str
    nth: int = 1

    def __str__(self) -> str:
        return self.point if self.nth == 1 else f"{self.point}-{self.nth}"


def crashes(nth: int = 1) -> list[Crash]:
    """Return one crash at each fail point, to parametrise a test with.

    Examples:
        >>> [str(crash) for crash in crashes()][:2]
        ['before-execute', 'after-execute']
    """
    return [Crash(point, nth) for point in POINTS]


class CrashPlan:
    """Counts the fail points that the engines of one runtime reach, and tells when one is to die."""

    def __init__(self) -> None:
        self._waiting: list[Crash] = []
        self._reached: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, crash: Crash) -> None:
        """Plan a crash, counted from now on.

        Raises:
            ConfigurationError: there is no such fail point.
        """
        check_point(crash.point)
        if crash.nth < 1:
            raise ConfigurationError(f"SF540: a crash cannot happen the {crash.nth}th time; the first is 1")
        with self._lock:
            self._waiting.append(Crash(crash.point, crash.nth + self._reached[crash.point]))

    @property
    def missing(self) -> list[Crash]:
        """The crashes that have not happened; each counts from the first time that its fail point was reached."""
        return list(self._waiting)

    def is_due(self, point: str) -> bool:
        """Count a fail point, and tell whether the engine dies there."""
        with self._lock:
            self._reached[point] += 1
            crash = Crash(point, self._reached[point])
            if crash not in self._waiting:
                return False
            self._waiting.remove(crash)
            return True
