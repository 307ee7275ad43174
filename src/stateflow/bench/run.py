"""Fill an engine, send load, and verify the states: numbers come out only when these are right."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Any

from stateflow.bench.engines import states_of
from stateflow.bench.load import Load, Progress, fill, send_load
from stateflow.bench.results import Machine, Numbers, Result
from stateflow.bench.workload import Condition, Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stateflow.bench.engines import Engine
    from stateflow.bench.finding import HighestRate
    from stateflow.bench.recorder import Recorder
    from stateflow.bench.workload import Workload

__all__ = ["Measured", "Session", "no_progress"]


def no_progress(_doing: str, _share: float) -> None:
    """Tell nobody."""


class Measured:
    """What one load did, before the states are verified.

    Args:
        load: how requests were sent.
        recorder: what happened to them.
        cpu_s: processor time of this process meanwhile.
    """

    def __init__(self, load: Load, recorder: Recorder, cpu_s: float) -> None:
        self.load = load
        self.recorder = recorder
        self._cpu_s = cpu_s

    def numbers(self) -> Numbers:
        """Return what was measured; for callers that have verified the states."""
        per_second = self.recorder.replies_in_window / self.load.seconds
        latency, late = self.recorder.latencies(), self.recorder.late()
        return Numbers(per_second=round(per_second, 1), latency=latency, late=late, cpu_s=round(self._cpu_s, 3))


class Session:
    """A workload on an engine: filled once, measured as often as wanted, and then verified.

    Args:
        name: the workload's name.
        workload: the workload.
        engine: an engine without entities.
        progress: is told what goes on.
        seed: decides the requests.
    """

    def __init__(self, name: str, workload: Workload, engine: Engine, progress: Progress = no_progress, seed: int = 1) -> None:
        self.name = name
        self.workload = workload
        self.engine = engine
        self.tally = Tally()
        self._progress = progress
        self._draw = random.Random(seed)

    def fill(self) -> None:
        """Create the entities."""
        fill(self.engine.client, self.workload.creations(self.engine.client), self.workload.entity_count, self._progress)

    def measure(self, load: Load, source: Workload | None = None) -> Measured:
        """Send load.

        Args:
            load: how requests are sent.
            source: another workload over the same entities whose requests are sent, such as one that chooses them otherwise.
        """
        requests = (source or self.workload).requests(self.engine.client, self._draw)
        begin = time.process_time()
        recorder = send_load(self.engine.client, requests, load, self.tally, self._progress)
        return Measured(load, recorder, time.process_time() - begin)

    def verify(self) -> list[Condition]:
        """Open the engine again where it can be, read the states, and return the conditions with what does not hold."""
        self._progress("verify", 0.0)
        self.engine.reopen()
        return self.workload.check(self._states, self.tally)

    def _states(self, cls: type, keys: Iterable[object]) -> Iterator[tuple[object, dict[str, Any] | None]]:
        return states_of(self.engine.client, cls, keys)

    def result(
        self, runtime: str, measured: Measured, conditions: list[Condition], machine: Machine, highest: HighestRate | None = None
    ) -> Result:
        """Return the result of one load, or of a search; without numbers when a condition does not hold or nothing was answered."""
        recorder, size = measured.recorder, self.workload.size
        is_verified = recorder.replies > 0 and not any(condition.faults for condition in conditions)
        return Result(
            workload=self.name,
            title=self.workload.title,
            runtime=runtime,
            entities=self.workload.entity_count,
            keys=size.keys.value,
            load=measured.load,
            scale=size.scale,
            replies=recorder.replies,
            aborts=dict(recorder.aborts),
            errors=dict(recorder.errors),
            conditions=conditions,
            verified=is_verified,
            numbers=measured.numbers() if is_verified else None,
            machine=machine,
            highest=highest if is_verified else None,
        )
