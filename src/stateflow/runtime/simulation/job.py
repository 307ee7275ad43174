"""The model of an engine: a job of workers over a log, with checkpoints, as Flink's documentation describes them.

One job reads the log and writes to it; its workers have no other channel between them. So a checkpoint is consistent when each worker's
part of it is: the records of its places as they are after exactly the log up to the offset in it, with everything sent that they had to
send by then (at least once).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.core.machine import Machine
from stateflow.runtime.simulation.producer import Producer
from stateflow.runtime.simulation.worker import Part, Worker

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping

    from stateflow.core.placement import Placement
    from stateflow.dataflow import Dataflow
    from stateflow.runtime.simulation.faults import Faults
    from stateflow.runtime.simulation.log import Log

__all__ = ["Job", "Zombie"]


class Zombie:
    """A worker that was replaced and does not know: it goes on for some steps."""

    def __init__(self, worker: Worker, steps: int) -> None:
        self.worker = worker
        self.steps = steps


class Job:
    """Workers, and the last complete checkpoint.

    Args:
        flow: the compiled classes.
        placement: where entities live.
        log: the log.
        route: tells the partition of a place, or of a client's answers.
        workers: how many workers there are at first.
        draw: decides what producers do.
        faults: how likely a producer sends a batch twice, and how likely a link is slow.
        options: further options of the machines.
        machine_type: what the places are.
    """

    def __init__(
        self,
        flow: Dataflow,
        placement: Placement,
        log: Log,
        route: Callable[[str], int | str],
        *,
        workers: int,
        draw: random.Random,
        faults: Faults,
        options: Mapping[str, Any],
        machine_type: type[Machine] = Machine,
    ) -> None:
        self.flow = flow
        self.workers: list[Worker] = []
        self.zombies: list[Zombie] = []
        self.machines_opened = 0
        self._placement = placement
        self._log = log
        self._route = route
        self._draw = draw
        self._faults = faults
        self._options = dict(options)
        self._machine_type = machine_type
        self._started = 0
        self._checkpoint = {partition: Part() for partition in range(log.partitions)}
        self._pending: dict[str, dict[int, Part]] | None = None
        self._start_all(workers)

    # Checkpoints.

    @property
    def is_checkpointing(self) -> bool:
        """Whether a checkpoint has begun and is not complete."""
        return self._pending is not None

    def begin_checkpoint(self) -> None:
        """Begin a checkpoint; each worker takes its part when it comes to it."""
        if self._pending is None:
            self._pending = {}

    def take_part(self) -> bool:
        """Let a worker take its part of the checkpoint that has begun; tell whether that completes it."""
        if self._pending is None:
            return False
        missing = [worker for worker in self.workers if worker.name not in self._pending]
        worker = self._draw.choice(missing)
        self._pending[worker.name] = worker.snapshot()
        if len(missing) > 1:
            return False
        for parts in self._pending.values():
            self._checkpoint |= parts
        self._pending = None
        return True

    # Faults.

    def crash_worker(self, worker: Worker, *, zombie_steps: int = 0) -> Worker:
        """Let a worker die, or only seem to, and another one take its place from the last checkpoint; return that one."""
        self._pending = None
        self._leave(worker, zombie_steps)
        fresh = self.workers[self.workers.index(worker)] = self._start(worker.partitions)
        return fresh

    def crash_all(self, *, zombie_steps: int = 0) -> None:
        """Let all workers die and others begin from the last checkpoint."""
        self._pending = None
        for worker in self.workers:
            self._leave(worker, zombie_steps)
        self._start_all(len(self.workers))

    def resume_with(self, workers: int, flow: Dataflow | None = None) -> None:
        """Stop with a savepoint; go on with another number of workers, and with other code."""
        self._pending = None
        if flow is not None:
            self._drain()
        for worker in self.workers:
            self._checkpoint |= worker.snapshot()
        self.flow = flow or self.flow
        self._start_all(workers)

    def _drain(self) -> None:
        """End the old code: no process of it lives, and what any of them has read is read by those that the savepoint is of.

        A worker that was restored just before repeats what its predecessor did, and sends it again. If other code did that instead,
        receivers would find that the replay diverges. So the old code goes on to where the log ended when its last process did.
        """
        self.zombies.clear()
        ends = {partition: self._log.end(partition) for partition in range(self._log.partitions)}
        for worker in self.workers:
            for partition in worker.partitions:
                while worker.parts[partition].offset < ends[partition]:
                    worker.read(partition)

    def fade(self, zombie: Zombie) -> None:
        """Count a step of a zombie; after its last one it is gone, with what it has not sent."""
        zombie.steps -= 1
        if zombie.steps <= 0:
            self.zombies.remove(zombie)

    def _leave(self, worker: Worker, zombie_steps: int) -> None:
        if zombie_steps:
            self.zombies.append(Zombie(worker, zombie_steps))

    # Workers.

    def _start_all(self, count: int) -> None:
        """Start workers, each with its range of the partitions."""
        partitions = list(range(self._log.partitions))
        count = min(count, len(partitions))
        shares = [partitions[len(partitions) * n // count : len(partitions) * (n + 1) // count] for n in range(count)]
        self.workers = [self._start(share) for share in shares]

    def _start(self, partitions: list[int]) -> Worker:
        self._started += 1
        producer = Producer(self._log, self._draw, self._faults.duplicate, self._faults.slow)
        parts = {partition: self._checkpoint[partition].copy() for partition in partitions}
        # A zombie goes on with the code that it had.
        flow = self.flow
        return Worker(f"w{self._started}", self._log, producer, parts, lambda *place: self._open_machine(flow, *place), self._route)

    def _open_machine(self, flow: Dataflow, name: str, records: dict[str, bytes]) -> Machine:
        self.machines_opened += bool(records)
        return self._machine_type(flow, name, self._placement, records, **self._options)
