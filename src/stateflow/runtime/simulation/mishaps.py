"""The steps in which something goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from stateflow.protocol.steps import Envelope, Restart, Start, decode_envelope, encode_envelope
from stateflow.runtime.simulation.callers import Pending
from stateflow.runtime.simulation.editions import second_edition
from stateflow.runtime.simulation.garbage import make_garbage
from stateflow.runtime.simulation.sights import messages_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from stateflow.runtime.simulation.log import Appended
    from stateflow.runtime.simulation.scene import Scene
    from stateflow.runtime.simulation.worker import Worker

__all__ = ["Mishaps"]

_JUMPS_NS = (-3_600_000_000_000, -5_000_000, 5_000_000, 60_000_000_000)
_ZOMBIE_STEPS = 60


class Mishaps:
    """What can go wrong in a run.

    Args:
        scene: the run.

    Attributes:
        dead_letters: how many of what was sent must end as dead letters.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.dead_letters = 0

    def all(self) -> list[tuple[float, Callable[[], bool]]]:
        """Return each kind with its weight."""
        faults = self.scene.faults
        return [
            (faults.worker_crash, self.crash_worker),
            (faults.worker_crash, self.crash_at_restart),
            (faults.job_crash, self.crash_job),
            (faults.zombie, self.make_zombie),
            (faults.checkpoint, self.checkpoint),
            (1.0, self.scene.job.take_part),
            (faults.rescale, self.rescale),
            (faults.upgrade, self.upgrade),
            (faults.clock, self.set_clock),
            (faults.reopen, self.reopen),
            (faults.retry, self.retry),
            (faults.twin, self.ask_as_twin),
            (faults.garbage, self.send_garbage),
        ]

    def crash_worker(self) -> bool:
        """Kill a worker; another one takes its place."""
        return self._kill(self._worker())

    def crash_at_restart(self) -> bool:
        """Kill a worker that is about to read a message to begin again, which is rarer than all others."""
        for worker in self.scene.job.workers:
            if any(isinstance(message, Restart) for record in self._following(worker) for message in messages_of(record.data)[:1]):
                return self._kill(worker)
        return False

    def _kill(self, worker: Worker) -> bool:
        self._note_crash(worker)
        fresh = self.scene.job.crash_worker(worker)
        self._tell(f"{worker.name} dies; {fresh.name} takes its place")
        return True

    def crash_job(self) -> bool:
        """Kill all workers."""
        for worker in self.scene.job.workers:
            self._note_crash(worker)
        self.scene.job.crash_all()
        self._tell(f"all workers die; {self._names()} take their places")
        return True

    def make_zombie(self) -> bool:
        """Replace a worker, or all, that live on for a while."""
        steps = self.scene.draw.randint(1, _ZOMBIE_STEPS)
        self.scene.sights["zombie"] += 1
        if self.scene.draw.random() < 0.3:
            self.scene.job.crash_all(zombie_steps=steps)
            self._tell(f"all workers are replaced by {self._names()}, and live on for {steps} steps")
            return True
        worker = self._worker()
        fresh = self.scene.job.crash_worker(worker, zombie_steps=steps)
        self._tell(f"{worker.name} is replaced by {fresh.name}, and lives on for {steps} steps")
        return True

    def fade_zombies(self) -> None:
        """Let time pass for zombies."""
        for zombie in list(self.scene.job.zombies):
            self.scene.job.fade(zombie)

    def checkpoint(self) -> bool:
        """Begin a checkpoint."""
        if self.scene.job.is_checkpointing:
            return False
        self.scene.job.begin_checkpoint()
        self.scene.sights["checkpoint"] += 1
        self._tell("a checkpoint begins")
        return True

    def rescale(self) -> bool:
        """Go on with another number of workers."""
        count = self.scene.draw.randint(1, 4)
        self.scene.job.resume_with(count)
        self.scene.sights["rescale"] += 1
        self._tell(f"a savepoint; {self._names()} go on")
        return True

    def upgrade(self) -> bool:
        """Go on with other code, once."""
        if self.scene.job.flow is second_edition():
            return False
        self.scene.job.resume_with(len(self.scene.job.workers), second_edition())
        self.scene.sights["upgrade"] += 1
        self._tell(f"a savepoint; {self._names()} go on with other code")
        return True

    def set_clock(self) -> bool:
        """Set the broker's clock."""
        jump = self.scene.draw.choice(_JUMPS_NS)
        self.scene.clock.pass_time(jump)
        self.scene.sights["clock set back" if jump < 0 else "clock set forward"] += 1
        self._tell(f"the clock jumps by {jump // 1_000_000} ms")
        return True

    def reopen(self) -> bool:
        """Let a worker forget its machines."""
        worker = self._worker()
        worker.forget_machines()
        self._tell(f"{worker.name} makes its machines anew")
        return True

    def retry(self) -> bool:
        """Let a client repeat a request, answered or not."""
        scene = self.scene
        caller = scene.draw.choice(scene.callers)
        known = list(caller.open.values()) or list(caller.sent.values())
        if not known:
            return False
        pending = scene.draw.choice(known)
        scene.sights["retry of an answered request" if pending.answer else "retry"] += 1
        scene.append(caller, pending)
        return True

    def ask_as_twin(self) -> bool:
        """Let another client send a request of the same name."""
        scene = self.scene
        pending = self._any_sent()
        if pending is None or pending.ask.name in scene.twin.sent:
            return False
        envelope = decode_envelope(pending.data)
        starts = tuple(msgspec.structs.replace(start, client=scene.twin.name) for start in envelope.messages if isinstance(start, Start))
        data = encode_envelope(Envelope(scene.twin.name, pending.place, 0, 0, starts))
        own = Pending(pending.ask, pending.place, data, scene.step)
        scene.twin.sent[own.ask.name] = scene.twin.open[own.ask.name] = own
        scene.sights["request of another client with the same id"] += 1
        scene.append(scene.twin, own)
        return True

    def send_garbage(self) -> bool:
        """Send what is no message, or comes from nobody."""
        scene = self.scene
        pending = self._any_sent()
        if pending is None:
            return False
        self.dead_letters += 1
        kind, data = make_garbage(scene.draw, pending)
        scene.sights[f"garbage: {kind}"] += 1
        scene.log.append(scene.route(pending.place), pending.place, data)
        self._tell(f"garbage for {pending.place}: {kind}")
        return True

    def _any_sent(self) -> Pending | None:
        known = [pending for caller in self.scene.callers for pending in caller.sent.values()]
        return self.scene.draw.choice(known) if known else None

    def _worker(self) -> Worker:
        return self.scene.draw.choice(self.scene.job.workers)

    def _note_crash(self, worker: Worker) -> None:
        scene = self.scene
        scene.sights["crash"] += 1
        scene.sights.note_crash(scene.last_read.get(worker.name), self._following(worker), worker.producer.unsent())

    @staticmethod
    def _following(worker: Worker) -> list[Appended]:
        return list(filter(None, map(worker.next_record, worker.partitions)))

    def _names(self) -> str:
        return ", ".join(worker.name for worker in self.scene.job.workers)

    def _tell(self, text: str) -> None:
        self.scene.tell(text)
