"""What may arrive at a place and is no message for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateflow.protocol.steps import Abort, Answer, Commit, Envelope, Restart, encode_envelope

if TYPE_CHECKING:
    import random

    from stateflow.runtime.simulation.callers import Pending

__all__ = ["STRANGER", "make_garbage"]

STRANGER = "stranger"
"""The name of a client that is none."""


def make_garbage(draw: random.Random, pending: Pending) -> tuple[str, bytes]:
    """Return what it is, and its bytes; all of it must end as a dead letter of the place where `pending` begins.

    Args:
        draw: decides.
        pending: a request whose transaction the garbage speaks of.
    """
    name, place = pending.ask.name, pending.place
    match draw.randrange(7):
        case 0:
            return "noise", draw.randbytes(draw.randint(0, 40))
        case 1:
            return "half an envelope", pending.data[: draw.randrange(len(pending.data))]
        case 2:
            return "another version", pending.data.replace(b"\x01", b"\x7f", 1)
        case 3:
            return "for another place", encode_envelope(Envelope(STRANGER, "nowhere", 0, 0, (Abort(name, 1),)))
        case 4:
            return "from no place, with a number", encode_envelope(Envelope(STRANGER, place, 7, 0, (Abort(name, 1),)))
        case 5:
            message = draw.choice((Commit(name, 1), Abort(name, 1), Restart(name, 1)))
            return "a client that decides", encode_envelope(Envelope(STRANGER, place, 0, 0, (message,)))
        case _:
            return "an answer", encode_envelope(Envelope(STRANGER, place, 0, 0, (Answer(name, b"", False),)))
