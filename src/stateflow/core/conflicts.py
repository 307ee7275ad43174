"""Conflicts at a place: who waits, who dies, who goes on when an entity is free."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateflow.core.native_classes import mypyc_attr
from stateflow.core.place_state import PlaceState
from stateflow.core.saved import Lock, Waiter
from stateflow.protocol.steps import Abort, Message, Move, Restart

if TYPE_CHECKING:
    from stateflow.core.placed import PlacedTransaction
    from stateflow.core.store import Record

__all__ = ["Conflicts"]


@mypyc_attr(allow_interpreted_subclasses=True)
class Conflicts(PlaceState):
    """The part of a place that handles conflicts, by wait-die (Rosenkrantz, Stearns and Lewis, 1978)."""

    def _pack(self, tx: PlacedTransaction) -> Move:
        """Return what a transaction goes on with."""
        raise NotImplementedError

    def _leave(self, tx: PlacedTransaction) -> None:
        """Keep what a transaction that goes on elsewhere, or waits, touched here."""
        raise NotImplementedError

    def _wait(self, tx: PlacedTransaction, record: Record) -> None:
        """Wait for an entity that another transaction holds, or die."""
        self.counts.waits += 1
        header = tx.header
        label = record.label
        is_oldest = all(header.age < other.age for other in self.conflicts(record, header))
        if (tx.visited or tx.holds_here) and is_oldest:
            move = self._pack(tx)
            self._leave(tx)
            self.queues.add(label, Waiter(header, move, holds=True))
        elif not tx.visited and (header.root == self.name or not tx.holds_here):
            # It holds nothing elsewhere: to let go of what it holds here is all that dying would be.
            message: Message = Restart(header.request_id, header.attempt) if header.root == self.name else self._pack(tx)
            self._undo(tx)
            self.queues.add(label, Waiter(header, message, holds=False))
        else:
            self._die(tx, label)

    def _die(self, tx: PlacedTransaction, label: str) -> None:
        """Abort this attempt everywhere; begin again when the entity is free."""
        header = tx.header
        for name in sorted(tx.visited):
            self._send(name, Abort(header.request_id, header.attempt))
        self._undo(tx)
        self.queues.add(label, Waiter(header, Restart(header.request_id, header.attempt), holds=False))

    def _wake(self, label: str) -> None:
        """Let those that wait for an entity try, until the next one has to wait longer; let those die that must not wait."""
        while True:
            lock = self.locks.get(label) or Lock("")
            holders = self._headers((lock.holder,)) if lock.holder else []
            readers = self._headers(lock.readers)
            younger = self.queues.take_younger(label, holders, readers)
            for waiter in younger:
                self._kill(waiter, label)
            first = None if younger or holders else self.queues.next(label, may_write=not readers)
            if first is not None:
                self._resume(first)
            elif not younger:
                return

    def _resume(self, waiter: Waiter) -> None:
        root = waiter.header.root
        if isinstance(waiter.message, Restart) and root != self.name:
            self._send(root, waiter.message)
        else:
            self._handle(waiter.message)

    def _kill(self, waiter: Waiter, label: str) -> None:
        assert isinstance(waiter.message, Move)
        tx = self._open(waiter.header)
        tx.visited = {*waiter.message.visited} - {self.name}
        self._die(tx, label)
