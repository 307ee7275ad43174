"""What a run is about, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stateflow.histories.history import Violation
    from stateflow.runtime.simulation.faults import Faults
    from stateflow.runtime.simulation.sights import Sights

__all__ = ["MIX", "Result", "Setting"]

MIX = "mix"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a run is about.

    Attributes:
        seed: decides everything that is left open.
        places: how many partitions; 0 for each entity a place of its own; None lets the seed choose.
        workload: one of `histories.workloads.PLANS`; `mix` lets the seed choose.
        requests: how many requests; None lets the seed choose.
        faults: what goes wrong; None lets the seed choose.
        is_traced: whether the trace is written.
    """

    seed: int
    places: int | None = None
    workload: str = MIX
    requests: int | None = None
    faults: Faults | None = None
    is_traced: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a run.

    Attributes:
        setting: with the choices of the seed filled in.
        violations: what must not be.
        sights: what was seen.
        steps: how many steps it took.
        quiet_steps: how many of them after the last fault, until all was answered.
        trace: a line for each step that did something, when it was asked for.
    """

    setting: Setting
    violations: list[Violation]
    sights: Sights
    steps: int
    quiet_steps: int
    trace: list[str] = field(default_factory=list)
