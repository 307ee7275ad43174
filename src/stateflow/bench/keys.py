"""Which entity the next request is for: uniformly drawn, or by Zipf's law."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

__all__ = ["EXPONENT", "Distribution", "ZipfRanks", "choose_from"]

EXPONENT = 0.99


class Distribution(StrEnum):
    """How often each entity is used."""

    UNIFORM = "uniform"
    ZIPF = "zipf"


class ZipfRanks:
    """Draws ranks 0 to `count` - 1, where rank k is about 1 / (k + 1)**exponent as frequent as rank 0.

    After the generator of Gray, Sundaresan, Englert, Baclawski and Weinberger, "Quickly generating billion-record synthetic databases",
    SIGMOD 1994, section 3.2. It takes constant time for each draw. The two first ranks have their exact frequencies; the others follow a
    continuous curve, whose distance from the exact distribution the tests bound.

    Args:
        count: how many ranks; at least 3.
        exponent: more than 0 and less than 1.
    """

    def __init__(self, count: int, exponent: float = EXPONENT) -> None:
        if count < 3 or not 0 < exponent < 1:
            raise ValueError(f"no such distribution: {count} ranks, exponent {exponent}")
        self._count = count
        self._total = math.fsum(rank**-exponent for rank in range(1, count + 1))
        self._second: float = 1 + 0.5**exponent
        self._power = 1 / (1 - exponent)
        self._slope = (1 - (2 / count) ** (1 - exponent)) / (1 - self._second / self._total)

    def rank(self, uniform: float) -> int:
        """Return the rank that a number drawn uniformly from [0, 1) stands for."""
        mass = uniform * self._total
        if mass < 1:
            return 0
        if mass < self._second:
            return 1
        # At 1 - 2**-53 the curve rounds up to the count itself.
        return min(self._count - 1, int(self._count * (self._slope * uniform - self._slope + 1) ** self._power))

    def share_up_to(self, rank: int) -> float:
        """Return how likely a draw is at most `rank`."""
        if rank == 0:
            return 1 / self._total
        if rank == 1:
            return self._second / self._total
        share: float = (((rank + 1) / self._count) ** (1 / self._power) - 1 + self._slope) / self._slope
        return min(1.0, share)


def choose_from(count: int, distribution: Distribution, draw: random.Random) -> Callable[[], int]:
    """Return a function that draws numbers below `count`.

    Which number is frequent says nothing about its neighbours: ranks are spread over the numbers, so that the frequent ones do not share a
    page of a database or a partition because of their numbers.
    """
    if distribution is Distribution.UNIFORM or count < 3:
        return lambda: draw.randrange(count)
    ranks, step = ZipfRanks(count), _stride(count)
    return lambda: ranks.rank(draw.random()) * step % count


def _stride(count: int) -> int:
    """Return a number without a common factor with `count`, near the golden section of it."""
    step = max(1, int(count * 0.6180339887))
    while math.gcd(step, count) != 1:
        step += 1
    return step
