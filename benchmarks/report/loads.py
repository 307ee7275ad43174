"""The parts of the report that send load to an engine: by rate, by clients, by size, and each workload."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks.by_hand_tpcc import ByHand, measure_by_hand
from stateflow.bench.engines import EngineName, open_engine
from stateflow.bench.finding import find_rate
from stateflow.bench.keys import Distribution
from stateflow.bench.load import Load
from stateflow.bench.run import Session
from stateflow.bench.workload import Size
from stateflow.bench.workloads import WORKLOADS
from stateflow.bench.workloads.tpcc.size import Cardinality

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.report.plan import Plan
    from stateflow.bench.run import Measured

__all__ = [
    "P99_LIMIT_MS", "NotVerified", "NothingAnswered", "by_clients", "by_rate", "by_size", "filled_session", "highest", "point_of", "tpcc",
    "workloads",
]  # fmt: skip

P99_LIMIT_MS = 100.0
_CLIENTS = 32
_MANY_CLIENTS = 256
_SHARES = (0.1, 0.25, 0.5, 0.7, 0.8, 0.9, 1.0)
_ENTITIES = 5_000
_ENGINES = (EngineName.LOCAL, EngineName.LOCAL_MEMORY)


class NotVerified(Exception):
    """The states are wrong: then there is no number."""


class NothingAnswered(Exception):
    """A window was too short for a slow machine: 0 a second would be no number, and no ratio."""


@contextmanager
def filled_session(name: str, size: Size, engine: EngineName, plan: Plan) -> Iterator[Session]:
    """Yield a filled session; when the measurements are done, verify it, before any number leaves."""
    workload = WORKLOADS[name](size)
    path = plan.folder / f"{name}-{engine.value}-{size.entities}-{size.warehouses}.db"
    with open_engine(engine, name, workload, path) as opened:
        session = Session(name, workload, opened)
        session.fill()
        yield session
        faults = [f"{condition.name}: {condition.faults}" for condition in session.verify() if condition.faults]
    for file in plan.folder.glob(f"{path.name}*"):
        file.unlink()
    if faults:
        raise NotVerified("; ".join(faults))


def _closed(plan: Plan, clients: int = _CLIENTS) -> Load:
    return Load(clients=clients, warm_up_s=plan.warm_up_s, seconds=plan.window_s)


def _open(plan: Plan, rate: float) -> Load:
    # What an engine cannot take, it is behind with at the end of the window; replies are awaited as long again.
    return Load(rate=rate, warm_up_s=plan.warm_up_s, seconds=plan.window_s, drain_s=30 + 2 * plan.window_s)


def point_of(measured: Measured) -> dict[str, Any]:
    """Return the numbers of one load that the report shows.

    Raises:
        NothingAnswered: there are none.
    """
    numbers = measured.numbers()
    if not numbers.per_second:
        raise NothingAnswered(f"no request was answered within {measured.load.seconds:g} s, so a larger budget is needed here")
    everything = numbers.latency["all"]
    return {
        "per_second": numbers.per_second,
        "p50_ms": everything.p50_ms,
        "p99_ms": everything.p99_ms,
        "p999_ms": everything.p999_ms,
        "late_p99_ms": numbers.late.p99_ms,
        "cpu_us": round(numbers.cpu_s / max(1, measured.recorder.replies) * 1e6, 1),
        "errors": dict(measured.recorder.errors),
    }


def by_rate(plan: Plan) -> dict[str, Any]:
    """Mix M over 5,000 entities with zipf keys: latency at shares of the most that the engine does."""
    found: dict[str, Any] = {}
    for engine in _ENGINES:
        with filled_session("m", Size(_ENTITIES, Distribution.ZIPF), engine, plan) as session:
            most = point_of(session.measure(_closed(plan, _MANY_CLIENTS)))["per_second"]
            points = [{"rate": round(most * share, 1), **point_of(session.measure(_open(plan, most * share)))} for share in _SHARES]
        found[engine.value] = {"most_per_second": most, "points": points}
    return found


def highest(plan: Plan) -> dict[str, Any]:
    """Mix M over 5,000 entities with zipf keys: the highest rate with a p99 under 100 ms, on a file."""
    load = Load(warm_up_s=plan.warm_up_s, seconds=plan.window_s, drain_s=30 + 2 * plan.window_s)
    with filled_session("m", Size(_ENTITIES, Distribution.ZIPF), EngineName.LOCAL, plan) as session:
        found = find_rate(session, load, P99_LIMIT_MS)
    return {EngineName.LOCAL.value: msgspec.to_builtins(found.highest)}


def by_clients(plan: Plan) -> dict[str, Any]:
    """Transfers over 5,000 records: throughput of 1 to 256 clients."""
    found: dict[str, Any] = {}
    for engine in _ENGINES:
        with filled_session("t", Size(_ENTITIES), engine, plan) as session:
            counts = (1, 4, 16, 32, 64, 256)
            points = [{"clients": clients, **point_of(session.measure(_closed(plan, clients)))} for clients in counts]
        found[engine.value] = points
    return found


def by_size(plan: Plan) -> dict[str, Any]:
    """Half reads and half updates over few and many entities, uniform and zipf."""
    found: dict[str, Any] = {keys.value: [] for keys in Distribution}
    for entities in plan.entities:
        points = {}
        with filled_session("a", Size(entities), EngineName.LOCAL, plan) as session:
            for keys in Distribution:
                source = WORKLOADS["a"](Size(entities, keys))
                points[keys.value] = point_of(session.measure(_closed(plan, _MANY_CLIENTS), source))
        for name, point in points.items():
            found[name].append({"entities": entities, **point})
    return found


def workloads(plan: Plan) -> dict[str, Any]:
    """Each of the small workloads with 32 clients."""
    found: dict[str, Any] = {}
    for name in ("a", "b", "t", "m", "hotel", "shop"):
        with filled_session(name, Size(_ENTITIES, Distribution.ZIPF), EngineName.LOCAL, plan) as session:
            point = point_of(session.measure(_closed(plan)))
        found[name] = {"title": session.workload.title, **point}
    return found


def tpcc(plan: Plan) -> dict[str, Any]:
    """TPC-C's two transactions on the engine, with 32 clients, and by hand."""
    found: dict[str, Any] = {"scale": plan.tpcc_scale}
    for warehouses in plan.warehouses:
        size = Size(warehouses=warehouses, scale=plan.tpcc_scale)
        with filled_session("tpcc", size, EngineName.LOCAL, plan) as session:
            point = point_of(session.measure(_closed(plan)))
        tables = ByHand(plan.folder / f"by-hand-{warehouses}.db", Cardinality.of(warehouses, plan.tpcc_scale))
        by_hand = measure_by_hand(tables, plan.window_s)
        tables.close()
        found[f"W={warehouses}"] = {"engine": point, "by_hand": by_hand, "ratio": round(point["per_second"] / by_hand["per_second"], 2)}
    return found
