"""How long records without an answer hold back what comes after them in their partition."""

from __future__ import annotations

from typing import Final

__all__ = ["LEAST_HOLD_S", "MOST_HOLD_S", "Pace"]

LEAST_HOLD_S: Final = 0.02
"""How long requests wait for an answer at least, before they go without it: the requests before may be waiting themselves."""

MOST_HOLD_S: Final = 0.25
"""How long at most. An engine that needs longer gets records of what comes in a quarter of a second, which is enough to fill them."""

_WEIGHT: Final = 0.25
_TIMES: Final = 2.0


class Pace:
    """How long the records of one partition hold back others, which follows how long their answers take.

    A time that stays the same would be over before the answers of an engine with much to do. Then records would go at the pace of the
    clock, each with less in it, which costs the engine more, and it would never catch up. So a record that was late doubles the time, and
    each that was answered sets it by the mean of what answers took, as transport protocols do with their time-outs (RFC 6298).

    Attributes:
        hold_s: how long the next record may hold back others, in seconds.
    """

    __slots__ = ("_mean_s", "hold_s")

    def __init__(self) -> None:
        self._mean_s = 0.0
        self.hold_s = LEAST_HOLD_S

    def answered(self, took_s: float) -> None:
        """Note how long a record was without its answers."""
        self._mean_s += _WEIGHT * (took_s - self._mean_s)
        self._set(LEAST_HOLD_S + _TIMES * self._mean_s)

    def late(self) -> None:
        """Note that the time was over before the answers came."""
        self._set(2 * self.hold_s)

    def _set(self, hold_s: float) -> None:
        self.hold_s = min(hold_s, MOST_HOLD_S)
