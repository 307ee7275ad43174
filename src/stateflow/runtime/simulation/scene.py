"""All that takes part in a run, and the ordinary steps: send, push, read, and read answers."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from stateflow.core.placement import EntityPlacement, PartitionPlacement
from stateflow.histories.workloads import PLANS
from stateflow.limits import CACHE_BYTES, VISITED_PLACES
from stateflow.protocol.bundles import envelopes_of
from stateflow.protocol.keys import murmur2
from stateflow.protocol.steps import decode_envelope, describe
from stateflow.runtime.simulation.callers import Caller
from stateflow.runtime.simulation.editions import first_edition
from stateflow.runtime.simulation.faults import Faults
from stateflow.runtime.simulation.job import Job
from stateflow.runtime.simulation.log import Clock, Log
from stateflow.runtime.simulation.setting import MIX
from stateflow.runtime.simulation.sights import Sights

if TYPE_CHECKING:
    from stateflow.core.machine import Machine
    from stateflow.histories.plan import Ask
    from stateflow.protocol.bundles import Sending
    from stateflow.runtime.simulation.callers import Pending
    from stateflow.runtime.simulation.log import Appended
    from stateflow.runtime.simulation.setting import Setting
    from stateflow.runtime.simulation.worker import Worker

__all__ = ["Scene"]

NAMED_PLACES = (VISITED_PLACES, 1, 2)
LEFT_BEHIND: tuple[dict[str, int], ...] = ({}, {"park_bytes": 0}, {"write_back_bytes": -1}, {"park_bytes": 0, "write_back_bytes": -1})
"""What transactions leave behind when they move: only what is large, or whatever they can."""
_OPEN_REQUESTS = 6
_STEP_NS = 300_000


class Scene:
    """The log, the job, the clients and the requests of one run.

    Args:
        setting: what it is about.
        machine_type: what the places are.

    Attributes:
        step: counts the steps of the scheduler.
        waiting: requests that were not sent yet, setup first.
    """

    def __init__(self, setting: Setting, machine_type: type[Machine]) -> None:
        draw = self.draw = random.Random(setting.seed)
        places = draw.choice((0, 1, 2, 4, 4, 8, 16)) if setting.places is None else setting.places
        workload = draw.choice(sorted(PLANS)) if setting.workload == MIX else setting.workload
        requests = draw.choice((4, 10, 20)) if setting.requests is None else setting.requests
        self.faults = Faults.draw(draw) if setting.faults is None else setting.faults
        self.setting = replace(setting, places=places, workload=workload, requests=requests, faults=self.faults)
        self.plan = PLANS[workload](draw, requests)
        self.waiting = deque([*self.plan.setup, *self.plan.asks])
        self.clock = Clock()
        self.log = Log(self.clock, places or draw.choice((1, 3, 8)))
        self.placement = PartitionPlacement(places) if places else EntityPlacement(draw.choice((1, 4)))
        self.callers = [self.caller(f"client{number}") for number in range(draw.choice((1, 3, 6)))]
        self.twin = self.caller("twin")
        self.step = 0
        self.sights = Sights()
        self.trace: list[str] = []
        self.last_read: dict[str, Appended] = {}
        self._setup_left = len(self.plan.setup)
        self._sent: set[Sending] = set()
        self._read_to: dict[int, int] = {}
        self.job = Job(
            first_edition(),
            self.placement,
            self.log,
            self.route,
            workers=draw.choice((1, 2, 3)),
            draw=draw,
            faults=self.faults,
            options={
                "cache_bytes": draw.choice((CACHE_BYTES, CACHE_BYTES, 0)),
                "suspends": draw.random() < 0.2,
                "visited_places": NAMED_PLACES[setting.seed % len(NAMED_PLACES)],
                **LEFT_BEHIND[setting.seed % len(LEFT_BEHIND)],
            },
            machine_type=machine_type,
        )

    def caller(self, name: str) -> Caller:
        """Return a new client."""
        return Caller(name, first_edition(), self.placement, self.log)

    def route(self, target: str) -> int | str:
        """Return the partition of a place; a client's name is that of its partition of answers."""
        if not self.placement.is_place(target):
            return target
        if isinstance(self.placement, PartitionPlacement):
            return int(target)
        return (murmur2(target.encode()) & 0x7FFFFFFF) % self.log.partitions

    def tell(self, text: str) -> None:
        """Add a line to the trace."""
        if self.setting.is_traced:
            self.trace.append(f"{self.step:5} {text}")

    # Steps. Each tells whether it did something.

    def send_next(self) -> bool:
        """Let a client send its next request. The others begin when what they need is there."""
        if not self.waiting or (self._setup_left == 0 and any(name.startswith("s-") for caller in self.callers for name in caller.open)):
            return False
        caller = self.draw.choice(self.callers)
        if len(caller.open) >= _OPEN_REQUESTS:
            return False
        self._setup_left = max(0, self._setup_left - 1)
        ask = self.waiting.popleft()
        self.send(caller, ask)
        return True

    def send(self, caller: Caller, ask: Ask) -> None:
        """Let a client send a request; on the way to the broker it may be lost."""
        pending = caller.ask(ask, self.step)
        if self.draw.random() < self.faults.lost:
            self.sights["request lost"] += 1
            self.tell(f"{caller.name} asks {ask.name}, which is lost")
        else:
            self.append(caller, pending)

    def append(self, caller: Caller, pending: Pending) -> None:
        """Put a request into the log."""
        partition = self.route(pending.place)
        offset = self.log.append(partition, pending.place, pending.data)
        self.tell(f"{caller.name} asks {pending.ask.name}: {partition}@{offset} for {pending.place}")

    def push(self, *, waits: bool = True) -> bool:
        """Let a worker's producer send a batch; with `waits` rather not over a slow link."""
        worker = self._pick([worker for worker in self._living() if worker.producer.waiting])
        if worker is None:
            return False
        sent = worker.producer.push(waits=waits)
        if not sent:
            return False
        self._note_sent(worker, sent)
        self.tell(f"{worker.name} sends {len(sent)}: {', '.join(_brief(target, data) for target, data in sent)}")
        return True

    def read(self) -> bool:
        """Let a worker read a record."""
        ready = [(worker, partition) for worker in self._living() for partition in worker.partitions if worker.next_record(partition)]
        if not ready:
            return False
        worker, partition = ready[int(self.draw.random() * len(ready))]
        self.step_of(worker, partition)
        return True

    def step_of(self, worker: Worker, partition: int) -> None:
        """Let a worker read one record of a partition."""
        offset = worker.parts[partition].offset
        record, sent = worker.read(partition)
        self.last_read[worker.name] = record
        self.sights["replayed record"] += offset < self._read_to.get(partition, 0)
        self._read_to[partition] = max(offset + 1, self._read_to.get(partition, 0))
        self.sights.note_read(record, sent)
        if self.setting.is_traced:
            out = "".join(f"; {_brief(target, data)}" for target, data in sent)
            self.tell(f"{worker.name} reads {partition}@{offset} {_brief(record.key, record.data)}{out}")

    def read_answers(self) -> bool:
        """Let a client read a record of answers."""
        caller = self._pick_caller([caller for caller in (*self.callers, self.twin) if caller.has_mail()])
        if caller is None:
            return False
        answered = caller.read(self.step)
        self.tell(f"{caller.name} has answers: {', '.join(answered) or 'known ones'}")
        return True

    def pass_time(self) -> None:
        """Count a step, and let the clock go on."""
        self.step += 1
        self.clock.pass_time(int(_STEP_NS * 2 * self.draw.random()))

    def end_faults(self) -> None:
        """Let nothing go wrong from here on."""
        self.faults = Faults()
        self.job.zombies.clear()
        for worker in self.job.workers:
            worker.producer.heal()
        self.tell("no more faults")

    def is_done(self) -> bool:
        """Tell whether all is sent, answered and read."""
        if self.waiting or any(caller.open or caller.has_mail() for caller in self.callers):
            return False
        return not any(worker.producer.waiting or any(map(worker.next_record, worker.partitions)) for worker in self.job.workers)

    def _note_sent(self, worker: Worker, sent: list[Sending]) -> None:
        known = sum(sending in self._sent for sending in sent)
        self._sent.update(sent)
        self.sights["duplicate sent"] += known
        self.sights["zombie sent after its replacement"] += worker not in self.job.workers

    def _living(self) -> list[Worker]:
        return [*self.job.workers, *(zombie.worker for zombie in self.job.zombies)] if self.job.zombies else self.job.workers

    def _pick(self, workers: list[Worker]) -> Worker | None:
        return workers[int(self.draw.random() * len(workers))] if workers else None

    def _pick_caller(self, callers: list[Caller]) -> Caller | None:
        return callers[int(self.draw.random() * len(callers))] if callers else None


def _brief(target: str, data: bytes) -> str:
    """Return an envelope, or a record of several, in a few words."""
    try:
        envelopes = [decode_envelope(each) for each in envelopes_of(data)]
    except Exception:
        return f">{target} {len(data)} bytes that are no envelope"
    return " & ".join(f"{each.source}>{target} #{each.number} {' + '.join(map(describe, each.messages))}" for each in envelopes)
