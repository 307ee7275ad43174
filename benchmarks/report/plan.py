"""How long each measurement takes, so that all of them together take what was asked for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

__all__ = ["FLINK_NEEDS", "FULL_BUDGET_S", "NEEDS", "Need", "Plan", "budget_in_s", "plan_for"]

FULL_BUDGET_S = 600.0
"""From here on the page has a million entities and TPC-C's own numbers; below, a share of them, and says so."""
WIDE_BUDGET_S = 3_600.0
"""From here on TPC-C has ten warehouses as well."""
_LEAST_S, _MOST_S = 0.3, 20.0
_WARM_UP_SHARE = 0.25


class Need(NamedTuple):
    """What a part takes: so many windows, and seconds besides, for full sizes and for small ones."""

    windows: float
    full_s: float
    small_s: float


# In the order in which they run: what comes late is left out first when the machine is slower than thought.
NEEDS = {
    "durable": Need(6, 5, 2),
    "peers": Need(4, 40, 20),
    "tpcc": Need(2.5, 120, 6),
    "by_rate": Need(20, 6, 5),
    "highest": Need(10, 6, 4),
    "by_size": Need(8, 190, 8),
    "by_clients": Need(15, 6, 5),
    "costs": Need(9, 10, 6),
    "workloads": Need(8, 10, 8),
    "lengths": Need(0, 12, 12),
    "micro": Need(0, 50, 50),
}

# Only when they are asked for, and then first: to start a broker, a cluster and jobs takes most of it.
FLINK_NEEDS = {
    "flink": Need(18, 130, 110),
    "flink_by_hand": Need(19, 170, 150),
}


class Plan(Struct, frozen=True, kw_only=True):
    """What a part measures, and for how long.

    Attributes:
        window_s: how long one measurement takes, after its warm-up.
        entities: the sizes of the scaling plot.
        tpcc_scale: the share of TPC-C's numbers of entities.
        warehouses: of TPC-C, one size after another.
        work: the folder in which databases are made.
    """

    window_s: float
    entities: tuple[int, ...]
    tpcc_scale: float
    warehouses: tuple[int, ...]
    work: str

    @property
    def folder(self) -> Path:
        """Where databases are made."""
        return Path(self.work)

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


def plan_for(budget_s: float, left_s: float, parts: list[str], folder: Path) -> Plan:
    """Return how the next part is measured.

    Args:
        budget_s: what was asked for; decides the sizes.
        left_s: what is left of it.
        parts: the parts that have not run.
        folder: where databases are made.
    """
    is_full = budget_s >= FULL_BUDGET_S
    known = {**FLINK_NEEDS, **NEEDS}
    needs = [known[part] for part in parts]
    fixed_s = sum(need.full_s if is_full else need.small_s for need in needs)
    windows = sum(need.windows for need in needs)
    return Plan(
        window_s=round(min(_MOST_S, max(_LEAST_S, (left_s - fixed_s) / max(1.0, windows))), 2),
        entities=(5_000, 50_000, 1_000_000) if is_full else (1_000, 5_000, 20_000),
        tpcc_scale=1.0 if is_full else 0.01,
        warehouses=(1, 10) if budget_s >= WIDE_BUDGET_S else (1,),
        work=str(folder),
    )
