"""What goes wrong in a run, and how often."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from typing import Self

__all__ = ["Faults"]


@dataclass(frozen=True, slots=True)
class Faults:
    """How often each fault happens, as a weight beside the ordinary steps, which weigh about 20 together; 0 is never.

    Attributes:
        worker_crash: one worker dies and begins again from the last checkpoint.
        job_crash: all workers do.
        zombie: a worker is replaced while it lives on, reads and sends.
        checkpoint: a checkpoint begins. Without any, a crash goes back to the beginning.
        rescale: the job stops with a savepoint and goes on with another number of workers.
        upgrade: it goes on with other code.
        clock: the broker's clock is set forward or back.
        duplicate: how likely a batch arrives twice (a probability).
        slow: how likely messages from a worker to a partition are late, so that others overtake them (a probability).
        reopen: a place's machine is made anew from its records, as when an engine evicts it.
        retry: a client repeats a request, answered or not.
        twin: another client sends a request with the same id.
        lost: how likely a client's request is lost before the broker has it (a probability).
        garbage: something that is no message, or comes from nobody, arrives.
    """

    worker_crash: float = 0
    job_crash: float = 0
    zombie: float = 0
    checkpoint: float = 0
    rescale: float = 0
    upgrade: float = 0
    clock: float = 0
    duplicate: float = 0
    slow: float = 0
    reopen: float = 0
    retry: float = 0
    twin: float = 0
    lost: float = 0
    garbage: float = 0

    @classmethod
    def draw(cls, draw: random.Random) -> Self:
        """Choose: each kind is absent from about half of the runs, so that none hides what another one would show.

        The choice of kinds by chance is swarm testing (Groce and others, *Swarm testing*, 2012).
        """
        chosen = {field.name: draw.choice((0, 0, 1, 3)) * _USUAL[field.name] for field in fields(cls)}
        chosen["checkpoint"] = draw.choice((0.1, 0.3, 1))
        return cls(**chosen)


_USUAL = {
    "worker_crash": 0.15,
    "job_crash": 0.02,
    "zombie": 0.04,
    "checkpoint": 0.3,
    "rescale": 0.02,
    "upgrade": 0.05,
    "clock": 0.1,
    "duplicate": 0.1,
    "slow": 0.15,
    "reopen": 0.2,
    "retry": 0.3,
    "twin": 0.1,
    "lost": 0.05,
    "garbage": 0.1,
}
