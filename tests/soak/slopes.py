"""Whether a series of measurements rises."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Slope", "slope_of"]

_BLOCKS = 20
# Of 20 block means a slope of chance alone exceeds this once in some thousand series.
_SIGNIFICANT = 4.0
# Less than this in the whole time is nothing that a longer run would make a problem of.
_MATERIAL = 0.03


class Slope(NamedTuple):
    """How a series rises: in all, as a share of its mean, and how many standard errors that is."""

    mean: float
    rise: float
    deviations: float

    @property
    def is_growth(self) -> bool:
        """Whether it rises, and not by chance only."""
        return self.deviations > _SIGNIFICANT and self.rise > _MATERIAL


def slope_of(values: Sequence[float]) -> Slope:
    """Fit a line to a series, after its first fifth, in which caches and files take their size.

    Neighbouring measurements are alike, so the line goes through means of blocks, which are nearly independent.
    """
    settled = values[len(values) // 5 :]
    size = max(1, len(settled) // _BLOCKS)
    means = [statistics.fmean(settled[start : start + size]) for start in range(0, len(settled) - size + 1, size)]
    mean = statistics.fmean(means)
    if len(means) < 3:
        return Slope(mean, 0.0, 0.0)
    times = [float(n) for n in range(len(means))]
    slope, intercept = statistics.linear_regression(times, means)
    rest = sum((y - intercept - slope * x) ** 2 for x, y in zip(times, means, strict=True))
    spread = sum((x - statistics.fmean(times)) ** 2 for x in times)
    error = (rest / (len(means) - 2) / spread) ** 0.5
    rise = slope * len(means) / mean if mean else 0.0
    deviations = slope / error if error > abs(slope) * 1e-9 else (float("inf") if slope > 0 else 0.0)
    return Slope(mean, rise, deviations)
