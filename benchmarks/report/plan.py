"""How long each measurement takes, so that all of them together take what was asked for."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

__all__ = ["FULL_BUDGET_S", "Plan", "budget_in_s", "plan_for"]

FULL_BUDGET_S = 600.0
"""From here on the page has a million entities and TPC-C's own numbers; below, a share of them, and says so."""
_WIDE_BUDGET_S = 3_600.0
_WINDOWS = 70
_LEAST_S, _MOST_S = 0.3, 20.0
_WARM_UP_SHARE = 0.25
_FILL_AND_VERIFY_S = 330.0
_SMALL_FIXED_SHARE = 0.4


class Plan(Struct, frozen=True, kw_only=True):
    """What a report measures, and for how long.

    Attributes:
        budget_s: what was asked for.
        window_s: how long one measurement takes, after its warm-up.
        entities: the sizes of the scaling plot.
        tpcc_scale: the share of TPC-C's numbers of entities.
        warehouses: of TPC-C, one size after another.
    """

    budget_s: float
    window_s: float
    entities: tuple[int, ...]
    tpcc_scale: float
    warehouses: tuple[int, ...]
    folder: Path

    @property
    def warm_up_s(self) -> float:
        """How long each load is sent before it is measured."""
        return self.window_s * _WARM_UP_SHARE


def budget_in_s(text: str) -> float:
    """Return the seconds of `90`, `90s`, `15m` or `1h`.

    Raises:
        ValueError: it is none of these.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if found is None or float(found[1]) <= 0:
        raise ValueError(f"{text!r} is no length of time such as 90s, 15m or 1h")
    return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3_600}[found[2]]


def plan_for(budget_s: float, folder: Path) -> Plan:
    """Return what fits into a budget."""
    is_full = budget_s >= FULL_BUDGET_S
    fixed_s = _FILL_AND_VERIFY_S if is_full else budget_s * _SMALL_FIXED_SHARE
    window_s = (budget_s - fixed_s) / (_WINDOWS * (1 + _WARM_UP_SHARE))
    return Plan(
        budget_s=budget_s,
        window_s=min(_MOST_S, max(_LEAST_S, window_s)),
        entities=(5_000, 50_000, 1_000_000) if is_full else (1_000, 5_000, 20_000),
        tpcc_scale=1.0 if is_full else 0.01,
        warehouses=(1, 10) if budget_s >= _WIDE_BUDGET_S else (1,),
        folder=folder,
    )
