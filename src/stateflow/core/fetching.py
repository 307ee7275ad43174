"""How a transaction fetches an entity from elsewhere before it begins, so that nobody waits for what it locks where it begins.

A transaction keeps what it has locked while it is elsewhere. If others wait for such an entity already, that is worth two hops: the
transaction lets go of all it has, goes to the entity that it wanted next, locks it, brings it along, and begins again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from stateflow.core.moving import Moving
from stateflow.core.native_classes import mypyc_attr
from stateflow.errors import MalformedBytes
from stateflow.limits import FETCH_BYTES

if TYPE_CHECKING:
    from stateflow.core.placed import PlacedTransaction
    from stateflow.core.store import Record
    from stateflow.protocol.steps import Move

__all__ = ["Fetching"]

_BEGIN: Final = "begin"


@mypyc_attr(allow_interpreted_subclasses=True)
class Fetching(Moving):
    """The part of a place that lets transactions fetch an entity first."""

    def _fetches_first(self, tx: PlacedTransaction) -> bool:
        """Tell whether a transaction that is about to leave would keep others waiting, and can still begin otherwise at no cost."""
        if not self.queues.spans.size:
            return False
        is_here_alone = not tx.visited and (tx.left is None or not tx.left.relays) and tx.header.root == self.name
        if not is_here_alone or tx.unborn or tx.wanted is None or tx.header.is_read_only:
            return False
        return any(map(self.queues.has, (*tx.locked, *self._touched_labels(tx.left))))

    def _fetch(self, tx: PlacedTransaction) -> None:
        """Let go of everything, and go for an entity.

        The attempt stays: nothing of it was sent to another place.
        """
        wanted = tx.wanted
        assert wanted is not None
        self._undo(tx)
        again = self._open(tx.header)
        again.pending = ("fetch", (self.store.reference_to(wanted),))
        self._move(again, self.home_of(wanted))

    def fetched(self, tx: PlacedTransaction, record: Record) -> tuple[str, tuple[Any, ...]]:
        """Take along an entity that was locked here, unless it is large; return what comes next at the root place."""
        tx.obstacle = tx.header.root
        if self.entities.stored_bytes(record.label) <= FETCH_BYTES:
            # What is the domain of a transaction goes where that goes.
            tx.domain = record
        return _BEGIN, ()

    def _unpack(self, tx: PlacedTransaction, move: Move) -> None:
        super()._unpack(tx, move)
        if tx.pending is not None and tx.pending[0] == _BEGIN:
            self._begin_with_fetched(tx)

    def _begin_with_fetched(self, tx: PlacedTransaction) -> None:
        """Begin with the fetched entity at hand."""
        root = self.roots.get(tx.header.request_id)
        if root is None:
            raise MalformedBytes(f"SF511: {tx.header.request_id} did not begin here")
        tx.domain = None
        tx.stack, tx.pending = self._first_step(tx, self._read(root.start))
