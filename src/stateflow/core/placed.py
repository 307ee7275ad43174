"""A transaction where entities live at several places: it notes why it cannot go on where it is."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from stateflow.core.entities import label_of
from stateflow.core.parking import UNPARK, Unpark
from stateflow.core.transaction import Transaction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from stateflow.core.place_state import PlaceState
    from stateflow.core.saved import Left
    from stateflow.core.store import Record
    from stateflow.protocol.steps import Header, Parking
    from stateflow.references import Reference

__all__ = ["PlacedTransaction"]

_NOWHERE: Final[AbstractSet[str]] = frozenset()
_NONE_WRITTEN: Final[Mapping[str, int]] = MappingProxyType({})


class PlacedTransaction(Transaction):
    """A transaction while it is at a place: from the message that brings it until it ends, moves on or waits.

    Attributes:
        header: its name, age, attempt and root.
        left: what it left here in earlier visits; None when it was not here before.
        locked: the labels of the entities that it locked in this visit.
        reading: the records that it uses in this visit and shares with others that read.
        returned: those of them that went along and came home; what is in memory of them is not what was stored.
        visited: the other places that hold something for it, but for those that one of these tells how it ended.
        rejoined: those of them that another place would tell, too.
        is_told: another place tells this one how it ended.
        carried: records of entities that live elsewhere and travel with it.
        travelling: records of all entities that go along with the next message.
        parked: the frames that it left elsewhere, the innermost last.
        written: how many `WriteBack` messages it has sent to which place.
        obstacle: why it paused: the place to move to, the record that another transaction holds, or parked frames that it needs; None when
            it only gives way.
        wanted: the record for which it has to move.
        stack: what it goes on with, while it pauses here.
        pending: the operation that comes first then.
    """

    # As in `TransactionState`: most transactions begin and end at one place and never set these.
    returned: tuple[Record, ...] = ()
    visited: AbstractSet[str] = _NOWHERE
    rejoined: AbstractSet[str] = _NOWHERE
    is_told = False
    travelling: Sequence[Record] = ()
    written: Mapping[str, int] = _NONE_WRITTEN
    obstacle: str | Record | Unpark | None = None
    wanted: Record | None = None

    def __init__(self, place: PlaceState, header: Header, left: Left | None, *, suspends: bool) -> None:
        super().__init__(place.store, place.codec, header.request_id, header.time_ns, suspends=suspends)
        self.place = place
        self.header = header
        self.left = left
        self.locked: list[str] = []
        self.carried: list[Record] = []
        self.parked: list[Parking] = []
        self.stack: list[Any] = []

    @property
    def holds_here(self) -> bool:
        """Whether this place holds an entity for it."""
        return bool(self.locked or self.reading) or self.left is not None

    @property
    def shared(self) -> list[str]:
        """The labels of the entities that it shares."""
        return [record.label for record in self.reading]

    # Who reads an entity must hold it here: others would change it before this transaction ends.

    def look(self, reference: Reference) -> Record | None:
        """Reach an entity that the caller only copies from."""
        return self.reach(reference)

    def visit(self, reference: Reference) -> Record | None:
        """Reach an entity for a method that is proved to change none."""
        return self.reach(reference)

    def take(self, record: Record) -> bool:
        """Lock an entity of this place."""
        if record.identity is None:
            record.holder = self
            return True
        if self.parked and any(label_of(record) in parking.labels for parking in self.parked):
            self.obstacle = UNPARK
            return False
        if not record.label:
            home = self.place.home_of(record)
            if home != self.place.name:
                self.obstacle, self.wanted = home, record
                return False
            self.place.entities.load(record)
        if record.holder is not None and record.holder is self.left:
            self.hold(record)
            return True
        if record.holder is None and not self.header.is_read_only and self.place.locks.get(record.label) is None:
            # Most entities are free.
            self.locked.append(record.label)
            self.hold(record)
            return True
        if self.place.conflicts(record, self.header):
            self.obstacle = record
            return False
        if self.place.may_share(record, self.header):
            self.share(record)
        else:
            self.locked.append(record.label)
            self.hold(record)
        return True

    def perform_fetch(self, reference: Reference) -> Any:
        """Lock an entity, whether it exists or not, and take it to where the transaction begins."""
        record = self.store.record(reference)
        if record.holder is not self and not self.take(record):
            return self.suspend("fetch", reference)
        name, arguments = self.place.fetched(self, record)
        return self.suspend(name, *arguments)

    def hold(self, record: Record) -> None:
        """Note that an entity of this place is used in this visit."""
        record.holder = self
        record.is_recent = True
        record.is_stable = None
        self.touched.append(record)

    def pause(self, stack: list[Any], pending: Any) -> bool:
        """Stop at an obstacle; with `suspends` at every operation."""
        if self.obstacle is None and not self.suspends:
            return False
        self.stack, self.pending = stack, pending
        return True
