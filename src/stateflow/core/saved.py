"""What a place keeps of transactions between two messages. Nothing here is ever in a cycle, so the garbage collector is spared."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from stateflow.protocol.steps import Commit, Header, Message, Move, Start

__all__ = ["LAYOUT", "Ended", "Head", "Kept", "Left", "Lock", "Root", "Waiter"]

LAYOUT: Final = 1
"""How the records of a place are laid out; the former way, with each reply under a key of its own, was 0."""


class Root(Struct, array_like=True, gc=False):
    """A transaction that began at this place and has not ended: its request, its age, its attempt, and who else asked."""

    start: Start
    began_ns: int
    digest: int
    attempt: int = 1
    askers: tuple[str, ...] = ()


class Left(Struct, array_like=True, gc=False):
    """What an attempt left here when it moved on.

    Attributes:
        header: which one.
        visits: how many lists there are of entities that it locked, one for each visit that locked any and whose list is not `locked`.
        parked: how often it left its frames here.
        written: how many `WriteBack` messages have come.
        held: what came before a `WriteBack` that had been sent earlier, and waits for it: one message at most, since it is the transaction
            itself, or its end. A place has as many as transactions that are under way, which the places where they began bound.
        relays: how many lists there are of places that this one tells how the attempt ended.
        is_rejoined: it is told by the place where the attempt ends, and does not listen to others.
        locked: the labels of the entities that it locked in the first visit, when they are few.
    """

    header: Header
    visits: int = 0
    parked: int = 0
    written: int = 0
    held: Move | Commit | None = None
    relays: int = 0
    is_rejoined: bool = False
    locked: tuple[str, ...] = ()


class Lock(Struct, array_like=True, gc=False):
    """The lock of an entity: who holds it, and, once changes of the holder are stored, the state before them (None: it did not exist).

    Where `readers` share the entity, there is no holder.
    """

    holder: str
    is_changed: bool = False
    before: bytes | None = None
    readers: tuple[str, ...] = ()


class Waiter(Struct, frozen=True, array_like=True, gc=False):
    """A transaction that waits: what goes on with it, and whether it holds entities meanwhile."""

    header: Header
    message: Message
    holds: bool


class Kept(Struct, frozen=True, array_like=True, gc=False):
    """How a request ended, and what tells a repeat of it from another request with its id."""

    digest: int
    value: bytes
    is_error: bool


class Ended(Struct, frozen=True, array_like=True):
    """Which requests one step ended.

    Attributes:
        time_ns: when that was.
        latest_ns: the latest time of submission of one of them.
        bytes: what is kept of them.
        entries: those of each block.
    """

    time_ns: int
    latest_ns: int
    bytes: int
    entries: dict[str, list[str]]


class Head(Struct, array_like=True, gc=False):
    """What a place knows of itself.

    Attributes:
        now_ns: the latest time of a message.
        counts: how many items each section has.
        first: the number of the first step whose answers are kept.
        next: the number of the next step that has answers to keep.
        horizon_ns: the latest time of submission of a forgotten request; -1 when none is forgotten.
        oldest_ns: when the oldest of those steps was, or earlier.
        answers: how many answers are kept.
        answer_bytes: what they take.
        layout: how the records are laid out.
    """

    now_ns: int = 0
    counts: dict[str, int] = {}
    first: int = 1
    next: int = 1
    horizon_ns: int = -1
    oldest_ns: int = 0
    answers: int = 0
    answer_bytes: int = 0
    # A former head ends before it.
    layout: int = 0
