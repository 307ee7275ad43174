"""The parts of the report on a real Flink and Kafka, with one TaskManager: verified loads, and jobs written by hand beside it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks.report.loads import P99_LIMIT_MS, filled_session, point_of
from stateflow.bench.engines import EngineName
from stateflow.bench.finding import find_rate
from stateflow.bench.keys import Distribution
from stateflow.bench.load import Load
from stateflow.bench.workload import Size
from stateflow.bench.workloads import WORKLOADS

if TYPE_CHECKING:
    from benchmarks.report.plan import Plan
    from stateflow.bench.workload import Workload

__all__ = ["RATE", "flink", "flink_by_hand"]

RATE = 200.0
_ENTITIES = 5_000
_CLIENTS = 1_000
_LEAST_AT_RATE_S = 5.0
"""At 200 a second a shorter window has too few requests for a p99."""
_LEAST_BY_HAND_S = 2.0
_FIRST_WARM_UP_S = 5.0
"""Java compiles what runs often, and does so in the first seconds of a job."""


def flink(plan: Plan) -> dict[str, Any]:
    """Measure latency at 200 requests a second, throughput of 1,000 clients, and the highest rate of mix M, on one job that is verified."""
    # The same records: only which requests come differs. What one request takes is asked of all alike; the mix has hot records.
    mixed = Size(_ENTITIES, Distribution.ZIPF)
    local, transfers, mix = (WORKLOADS[name](size) for name, size in (("a", Size(_ENTITIES)), ("t", Size(_ENTITIES)), ("m", mixed)))
    with filled_session("m", mixed, EngineName.FLINK, plan) as session:

        def measured(load: Load, source: Workload) -> dict[str, Any]:
            return point_of(session.measure(load, source))

        closed = Load(clients=_CLIENTS, warm_up_s=max(_FIRST_WARM_UP_S, plan.warm_up_s), seconds=plan.window_s)
        many = {name: measured(closed, source) for name, source in (("local", local), ("transfers", transfers), ("mix", mix))}
        seconds = max(_LEAST_AT_RATE_S, plan.window_s)
        at_rate = Load(rate=RATE, warm_up_s=plan.warm_up_s, seconds=seconds)
        few = {name: measured(at_rate, source) for name, source in (("local", local), ("transfers", transfers))}
        found = find_rate(session, Load(warm_up_s=plan.warm_up_s, seconds=plan.window_s, drain_s=30 + 2 * plan.window_s), P99_LIMIT_MS, mix)
    return {"at_rate": few, "under_load": many, "highest": msgspec.to_builtins(found.highest)}


def flink_by_hand(plan: Plan) -> dict[str, Any]:
    """Compare a job of StateFlow with three written by hand."""
    command = [sys.executable, "-m", "benchmarks.flink", "--seconds", str(max(_LEAST_BY_HAND_S, plan.window_s))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"benchmarks.flink: {(done.stderr.strip().splitlines() or [str(done.returncode)])[-1]}")
    found: dict[str, Any] = msgspec.json.decode(done.stdout)
    return found
