"""A place: the entities that are reached without a message, and the transactions that hold some of them.

`Place.step` is the whole protocol: one message in, messages out; no clock, no sockets, no threads. Its parts are `roots` (requests begin),
`moving` (what goes along, what stays), `fetching` (what is brought before the beginning), `conflicts` (who waits, who dies) and `ending`
(commit and abort).
`docs/explanation/transactions.md` says why it keeps its promises.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from stateflow.core.answers import answer_refusal
from stateflow.core.driver import advance
from stateflow.core.fetching import Fetching
from stateflow.core.frame import SUSPENDED
from stateflow.core.native_classes import mypyc_attr
from stateflow.core.parking import Unpark
from stateflow.core.placed import PlacedTransaction
from stateflow.core.store import Record
from stateflow.protocol.steps import Abort, Commit, Move, Restart, Start, WriteBack

if TYPE_CHECKING:
    from stateflow.protocol.steps import Message

__all__ = ["Place"]


@mypyc_attr(allow_interpreted_subclasses=True)
class Place(Fetching):
    """One place; `PlaceState` says what its arguments are."""

    def step(self, message: Message, now_ns: int) -> None:
        """Handle one message.

        Args:
            message: what arrived.
            now_ns: when it was written, in nanoseconds since 1970; time never goes back.
        """
        if now_ns > self.head.now_ns:
            self.head.now_ns = now_ns
        self._handle(message)
        while self._released:
            self._wake(self._released.popleft())

    def give_up(self, message: Message, now_ns: int, error: Exception) -> None:
        """End the transaction of a message that could not be handled; nothing came of the attempt to.

        Args:
            message: the message.
            now_ns: when it was written.
            error: what its client gets.
        """
        self.head.now_ns = max(self.head.now_ns, now_ns)
        if isinstance(message, Start):
            self._send(message.client, self._fitting(answer_refusal(self.codec, message.request_id, error)))
        elif isinstance(message, Move):
            tx = self._open(message.header)
            tx.visited = {*message.visited} - {self.name}
            self._decide(tx, answer_refusal(self.codec, message.header.request_id, error), [])
        while self._released:
            self._wake(self._released.popleft())

    def take_sent(self) -> dict[str, list[Message]]:
        """Return what to send since the last call, and to whom: places and clients, by name."""
        sent, self._sent = self._sent, defaultdict(list)
        return sent

    def _handle(self, message: Message) -> None:
        match message:
            case Start():
                self._start(message)
            case Move():
                self._arrive(message)
            case Commit():
                self._commit(message)
            case WriteBack():
                self._write_back(message)
            case Abort():
                self._abort(message)
            case Restart():
                self._restart(message)
            case _:
                raise TypeError(f"{message!r} is for a client")

    def _arrive(self, move: Move) -> None:
        header = move.header
        if move.written and self._must_wait_for_writes(move, header.request_id, header.attempt, dict(move.written).get(self.name, 0)):
            return
        tx = self._open(header)
        try:
            self._unpack(tx, move)
        except Exception as error:
            # Frames of other code, or damaged ones: the transaction ends, and others go on.
            self._decide(tx, answer_refusal(self.codec, header.request_id, error), [])
        else:
            self._advance(tx, *self._resume_here(tx))

    def _advance(self, tx: PlacedTransaction, stack: list[Any], pending: Any) -> None:
        while True:
            self.codec.transaction = tx
            tx.obstacle = tx.wanted = None
            error: BaseException | None = None
            value: Any = None
            try:
                value = advance(tx, stack, pending)
            except BaseException as raised:
                error = raised
            if value is not SUSPENDED:
                self._end(tx, value, error)
                return
            try:
                if not self._pause(tx):
                    return
            except Exception as reason:
                # What the frames hold may be impossible to store.
                self._end(tx, None, reason)
                return
            stack, pending = self._resume_here(tx)

    def _pause(self, tx: PlacedTransaction) -> bool:
        """Move on, or wait; True when the transaction goes on here, with the frames that it had parked here."""
        obstacle = tx.obstacle
        if isinstance(obstacle, Record):
            self._wait(tx, obstacle)
        elif not isinstance(obstacle, Unpark):
            if self._fetches_first(tx):
                self._fetch(tx)
            else:
                self._move(tx, obstacle or self.name)
        elif tx.parked[-1].place == self.name:
            self._unpark(tx)
            return True
        else:
            # All frames are wanted together there: to park those above would only send them for one another in turns.
            self._move(tx, tx.parked[-1].place, parks=False)
        return False
