"""A transaction where entities live at several places: it notes why it cannot go on where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.core.transaction import Transaction

if TYPE_CHECKING:
    from stateflow.core.place import Place
    from stateflow.core.store import Record
    from stateflow.protocol.steps import Header

__all__ = ["PlacedTransaction"]


class PlacedTransaction(Transaction):
    """What one place knows of a transaction: while it is there, all of it; while it is elsewhere, what it left.

    Attributes:
        header: its name, age, attempt and root.
        visited: the other places that hold something for it.
        carried: records of entities that live elsewhere and travel with it.
        obstacle: why it paused: the place to move to, or the record that another transaction holds; None when it only gives way.
        stack: what it goes on with, while it pauses here.
        pending: the operation that comes first then.
    """

    def __init__(self, place: Place, header: Header, *, suspends: bool) -> None:
        super().__init__(place.store, place.codec, header.request_id, header.time_ns, suspends=suspends)
        self.place = place
        self.header = header
        self.visited: set[str] = set()
        self.carried: list[Record] = []
        self.obstacle: str | Record | None = None
        self.stack: list[Any] = []

    def take(self, record: Record) -> bool:
        """Lock an entity of this place."""
        if record.reference is not None:
            home = self.place.home_of(record)
            if home != self.place.name:
                self.obstacle = home
                return False
            if record.holder is not None:
                self.obstacle = record
                return False
        return super().take(record)

    def pause(self, stack: list[Any], pending: Any) -> bool:
        """Stop at an obstacle; with `suspends` at every operation."""
        if self.obstacle is None and not self.suspends:
            return False
        self.stack, self.pending = stack, pending
        return True
