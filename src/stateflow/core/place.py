"""A place: the entities that are reached without a message, and the transactions that hold some of them.

`Place.step` is the whole protocol: one message in, messages out; no clock, no sockets, no threads. Its parts are `roots` (requests begin),
`conflicts` (who waits, who dies) and `ending` (commit and abort). `docs/explanation/transactions.md` says why it keeps its promises.
"""

from __future__ import annotations

from typing import Any

import msgspec

from stateflow.core.answers import answer_error
from stateflow.core.context import pack, pack_random, unpack, unpack_random
from stateflow.core.driver import advance
from stateflow.core.frame import SUSPENDED
from stateflow.core.placed import PlacedTransaction
from stateflow.core.roots import Roots
from stateflow.core.saved import Left
from stateflow.core.store import Record
from stateflow.errors import MalformedBytes
from stateflow.protocol.steps import Abort, Answer, Commit, Message, Move, Restart, Start

__all__ = ["Place"]


class Place(Roots):
    """One place; `PlaceState` says what its arguments are."""

    def step(self, message: Message, now_ns: int) -> list[tuple[str, Message]]:
        """Handle one message.

        Args:
            message: what arrived.
            now_ns: when it was written, in nanoseconds since 1970; time never goes back.

        Returns:
            What to send, and to whom: places and clients, by name.
        """
        self.head.now_ns = max(self.head.now_ns, now_ns)
        self._handle(message)
        while self._released:
            self._wake(self._released.popleft())
        out, self._out = self._out, []
        return out

    def _handle(self, message: Message) -> None:
        match message:
            case Start():
                self._start(message)
            case Move():
                self._arrive(message)
            case Commit():
                self._commit(message)
            case Abort():
                self._abort(message)
            case Restart():
                self._restart(message)
            case Answer():
                raise AssertionError("answers go to clients")

    def _arrive(self, move: Move) -> None:
        tx = self._open(move.header)
        tx.visited = {*move.visited} - {self.name}
        tx.operations_left = move.operations_left
        try:
            stack, pending = self._unpack(tx, move)
        except Exception as error:
            # Frames of other code, or damaged ones: the transaction ends, and others go on.
            self._decide(tx, answer_error(self.codec, move.header.request_id, error), [])
        else:
            self._advance(tx, stack, pending)

    def _unpack(self, tx: PlacedTransaction, move: Move) -> tuple[list[Any], Any]:
        tx.unborn = [Record(self.flow.by_name[name], None, None) for name in move.unborn]
        for number, record in enumerate(tx.unborn, 1):
            record.number = number
        self.codec.transaction = tx
        stack, pending, travelled = unpack(tx, move.context)
        unpack_random(tx, move.random)
        for record in travelled:
            if self.home_of(record) != self.name:
                tx.carried.append(record)
                record.holder, record.is_stable = tx, None
            else:
                self._take_back(tx, record)
        return stack, pending

    def _take_back(self, tx: PlacedTransaction, record: Record) -> None:
        """Go on with an entity that comes home in the middle of its transaction."""
        if not record.label:
            self.entities.load(record, is_given=True)
        if tx.header.request_id in self.entities.readers(record.label):
            tx.share(record)
            tx.returned.append(record)
            return
        if record.holder is None or record.holder is not tx.left:
            raise MalformedBytes(f"SF511: {record!r} comes home, and was not taken along")
        tx.hold(record)

    def _advance(self, tx: PlacedTransaction, stack: list[Any], pending: Any) -> None:
        self.codec.transaction = tx
        tx.obstacle = None
        error: BaseException | None = None
        value: Any = None
        try:
            value = advance(tx, stack, pending)
        except BaseException as raised:
            error = raised
        if value is SUSPENDED:
            self._pause(tx)
        else:
            self._end(tx, value, error)

    def _pause(self, tx: PlacedTransaction) -> None:
        """Move on, or wait. What the frames hold may be impossible to store; then the transaction ends."""
        try:
            if isinstance(tx.obstacle, Record):
                self._wait(tx, tx.obstacle)
            else:
                self._move(tx, tx.obstacle or self.name)
        except Exception as error:
            self._end(tx, None, error)

    def _move(self, tx: PlacedTransaction, target: str) -> None:
        move = self._pack(tx)
        self._leave(tx, move)
        self._send(target, move)

    def _pack(self, tx: PlacedTransaction) -> Move:
        unborn = tuple(record.cls.__qualname__ for record in tx.unborn)
        context, tx.travelling = pack(tx, tx.stack, tx.pending)
        visited = {*tx.visited, self.name} if tx.holds_here else tx.visited
        return Move(tx.header, tuple(sorted(visited)), unborn, context, pack_random(tx), tx.operations_left)

    def _leave(self, tx: PlacedTransaction, move: Move) -> None:
        """Keep what stays; forget what goes along. All of it stays locked."""
        travelling = set(map(id, tx.travelling))
        staying = [(record, self.entities.encode(record)) for record in tx.touched if id(record) not in travelling]
        request_id = tx.header.request_id
        left = tx.left
        locked = [*tx.locked, *(label for label in tx.shared if request_id not in self.entities.readers(label))]
        if locked:
            left = left or Left(tx.header)
            self._changes.put(f"v/{request_id}/{left.visits}", msgspec.msgpack.encode(locked))
            left.visits += 1
            self.left.put(request_id, left)
        for record in tx.touched:
            record.holder = left
        for label in tx.shared:
            self.entities.keep_shared(label, request_id)
        self._stop_reading(tx)
        for record, data in staying:
            self.entities.keep_held(record, data, request_id)
        for record in tx.touched:
            if id(record) in travelling:
                self.entities.keep_locked(record.label, request_id)
                self.entities.forget(record)
        self._drop(tx)
