"""What transactions reported: the form in which all checkers read a run, whatever engine it was on."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["UNKNOWN", "Act", "Anomaly", "Entry", "Outcome", "Seen", "Violation", "read_seen"]

UNKNOWN = -1
"""The version of an entity that was missed without knowing since when."""


class Act(Enum):
    """What a transaction did with the version that it saw."""

    LOOK = "look"
    CHANGE = "change"
    DELETE = "delete"
    MISS = "miss"


class Seen(NamedTuple):
    """One access. Versions count the changes of an entity from its first creation on, deletions too; 0 is before that.

    Attributes:
        entity: its name.
        version: the version that was met; UNKNOWN for an entity that was not there, without a word since when.
        writer: the transaction that made that version; empty when not known.
        act: what was done with it. A change or a deletion makes the next version.
    """

    entity: str
    version: int
    writer: str
    act: Act


class Outcome(Enum):
    """How a transaction ended, as far as its client knows."""

    COMMITTED = "committed"
    ABORTED = "aborted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Entry:
    """One transaction.

    Attributes:
        name: names it; what it writes bears this name.
        invoked: when its client sent it, on a clock that all entries share and that never goes back.
        replied: when its client had the reply.
        outcome: how it ended. An aborted one is checked as a reader of what it saw.
        seen: its accesses, in their order.
    """

    name: str
    invoked: int
    replied: int
    outcome: Outcome = Outcome.COMMITTED
    seen: tuple[Seen, ...] = field(default=())


class Anomaly(Enum):
    """What a history must not show."""

    DIRTY_READ = "something was read that an aborted transaction wrote"
    LOST_UPDATE = "two transactions made the same version"
    DUPLICATE_EFFECT = "a transaction's effect is there more often than the transaction says"
    GAP = "a version is missing, or was made by nobody"
    UNREPEATABLE = "a transaction does not see its own state of the world"
    CYCLE = "no order of the transactions explains what they saw"
    STALE = "the order that explains what was seen contradicts the order of replies and later requests"
    PHANTOM = "an entity was missed that was there, or met when it was not"
    OTHER_REPLY = "plain objects answer otherwise"
    OTHER_STATE = "plain objects have another state in the end"
    INVARIANT = "a sum that must be constant is not"
    STUCK = "a request is not answered in time after the last fault"
    STOPPED = "a place stopped, or refused what an engine may do"
    LEFT_OVER = "something of ended transactions remains"


class Violation(NamedTuple):
    """An anomaly that was found, with where."""

    anomaly: Anomaly
    text: str

    def __str__(self) -> str:
        return f"{self.anomaly.name}: {self.text}"


def read_seen(raw: Iterable[Any]) -> tuple[Seen, ...]:
    """Return accesses from the plain tuples that methods return."""
    return tuple([Seen(entity, version, writer, Act(act)) for entity, version, writer, act in raw])
