"""Where the time of one request goes: the method itself, encoding, the commit, and everything around them.

Requests are given to the engine in one thread, 32 for a commit, so that no other thread is in the times. Encoding is what writes states
and replies as bytes, in a transaction and in its commit; the commit is SQLite's work with the `fsync`; the step is the rest of carrying a
request out: arguments, the methods, copies between entities, what an undo needs. What a request of one of 32 clients takes beyond these, in
a measurement of its own, is the engine around them: queue, threads, futures, the event loop.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import stateflow
from benchmarks.report.loads import filled_session
from stateflow.bench.engines import EngineName
from stateflow.bench.load import Load, start
from stateflow.bench.workload import Size
from stateflow.bench.workloads import WORKLOADS
from stateflow.client.base import StateflowClient
from stateflow.client.future import StateflowFuture
from stateflow.core.journal import Journal
from stateflow.failpoints import watch
from stateflow.options import LocalOptions
from stateflow.runtime.local.database import SqliteDatabase
from stateflow.runtime.local.engine import LocalEngine

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.report.plan import Plan
    from stateflow.protocol.messages import Request

__all__ = ["costs"]

_A_COMMIT = 32
_ENTITIES = 5_000
_NAMES = ("a", "t", "shop", "hotel")


class _Capture(StateflowClient):
    """A client that keeps its requests."""

    def __init__(self, flow: Any) -> None:
        super().__init__(flow, bind=False)
        self.last: Request | None = None

    def send(self, request: Request) -> StateflowFuture[Any]:
        """Keep a request."""
        self.last = request
        return StateflowFuture(request.request_id)


class _Clock:
    """Adds up what lies between fail points, and what calls of the journal take."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self._begin: dict[str, float] = {}

    def reach(self, name: str) -> None:
        """Note that a fail point was reached."""
        now = time.perf_counter()
        match name:
            case "before-execute" | "before-encode" | "before-write":
                self._begin[name] = now
            case "after-execute":
                self.spent["execute"] += now - self._begin["before-execute"]
            case "after-encode":
                self.spent["encode"] += now - self._begin["before-encode"]
            case "after-commit":
                self.spent["commit"] += now - self._begin["before-write"]

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function whose time counts as encoding inside of executing."""

        def measured(*args: Any) -> Any:
            begin = time.perf_counter()
            try:
                return function(*args)
            finally:
                self.spent["encode inside"] += time.perf_counter() - begin

        return measured


def costs(plan: Plan) -> dict[str, Any]:
    """Return microseconds of each part, for each workload."""
    return {name: _split(name, plan) for name in _NAMES}


def _split(name: str, plan: Plan) -> dict[str, float]:
    workload = WORKLOADS[name](Size(_ENTITIES))
    flow = stateflow.init(*workload.classes)
    flow.prepare()
    client, path = _Capture(flow), plan.folder / f"costs-{name}.db"
    engine = LocalEngine(flow, SqliteDatabase(path, flow.by_name), LocalOptions())

    def carry_out(ask: Any) -> None:
        start(client, ask)
        assert client.last is not None
        answer = engine.answer(client.last, client.references)
        assert answer is not None
        if answer.reply.error is not None:
            raise answer.reply.error

    for number, ask in enumerate(workload.creations(client)):
        carry_out(ask)
        if number % 512 == 0:
            engine.commit()
    engine.commit()
    requests, count, clock = workload.requests(client, random.Random(1)), 0, _Clock()
    written, outcome_of = Journal.written, Journal.outcome_of
    Journal.written, Journal.outcome_of = clock.timed(written), clock.timed(outcome_of)  # type: ignore[method-assign]
    begin = time.perf_counter()
    try:
        with watch(clock.reach):
            while time.perf_counter() < begin + plan.window_s:
                for _ in range(_A_COMMIT):
                    carry_out(next(requests))
                engine.commit()
                count += _A_COMMIT
    finally:
        Journal.written, Journal.outcome_of = written, outcome_of  # type: ignore[method-assign]
        engine.close()
    encode = clock.spent["encode"] + clock.spent["encode inside"]
    step = clock.spent["execute"] - clock.spent["encode inside"]
    parts = {"step": step, "encode": encode, "commit": clock.spent["commit"]}
    found = {part: round(seconds / count * 1e6, 2) for part, seconds in parts.items()}
    whole = _with_clients(name, plan)
    return {**found, "engine": round(max(0.0, whole - sum(found.values())), 2), "whole": round(whole, 2)}


def _with_clients(name: str, plan: Plan) -> float:
    """Return the microseconds of a request with 32 clients, verified."""
    with filled_session(name, Size(_ENTITIES), EngineName.LOCAL, plan) as session:
        measured = session.measure(Load(clients=_A_COMMIT, warm_up_s=plan.warm_up_s, seconds=plan.window_s))
    return 1e6 / measured.numbers().per_second
