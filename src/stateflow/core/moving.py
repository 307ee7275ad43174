"""How a transaction moves: what goes along, what stays, what is sent home."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from stateflow.core.context import live_records, pack, pack_random, unpack, unpack_random
from stateflow.core.driver import depth_of
from stateflow.core.entities import label_of
from stateflow.core.native_classes import mypyc_attr
from stateflow.core.parking import Parked, neutral_operation, rejoin
from stateflow.core.roots import Roots
from stateflow.core.saved import Left
from stateflow.core.store import Record
from stateflow.errors import MalformedBytes
from stateflow.limits import FIRST_LABELS
from stateflow.protocol.steps import Commit, Move, Parking, WriteBack

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stateflow.core.placed import PlacedTransaction
    from stateflow.protocol.steps import State

__all__ = ["Moving"]

_encode: Final = msgspec.msgpack.Encoder().encode


@mypyc_attr(allow_interpreted_subclasses=True)
class Moving(Roots):
    """The part of a place that sends transactions on and takes them in."""

    def _move(self, tx: PlacedTransaction, target: str, *, parks: bool = True) -> None:
        leaves = target != self.name
        if leaves:
            self.counts.moves += 1
            if tx.carried:
                self._send_home(tx, target)
            if len(tx.visited) >= self._visited_places:
                self._leave_list(tx)
        move = self._pack(tx)
        size = len(move.context)
        if size > self._park_bytes and parks and leaves:
            move = self._park(tx) or move
            size = len(move.context)
        if size > self._easy_bytes or len(move.visited) > 1 or move.random or move.parked:
            self._check_size(move)
        self._leave(tx)
        self._send(target, move)

    def _pack(self, tx: PlacedTransaction) -> Move:
        context, tx.travelling = pack(tx, tx.stack, tx.pending)
        if tx.is_told and any(record.label for record in tx.travelling):
            self._rejoin(tx)
        visited = tx.visited
        if tx.holds_here and not tx.is_told:
            visited = {*visited, self.name}
        names = tuple(sorted(visited)) if len(visited) > 1 else tuple(visited)
        unborn = tuple([record.cls.__qualname__ for record in tx.unborn]) if tx.unborn else ()
        if not (tx.parked or tx.written or tx.rejoined):
            return Move(tx.header, names, unborn, context, pack_random(tx))
        written, rejoined = tuple(sorted(tx.written.items())), tuple(sorted(tx.rejoined))
        return Move(tx.header, names, unborn, context, pack_random(tx), tuple(tx.parked), written, rejoined)

    def _leave(self, tx: PlacedTransaction) -> None:
        """Keep what stays; forget what goes along. All of it stays locked."""
        request_id = tx.header.request_id
        travelling = tx.travelling if len(tx.travelling) < 2 else set(tx.travelling)
        going: list[Record] = []
        staying: list[tuple[Record, bytes | None]] = []
        for record in tx.touched:
            if record in travelling:
                going.append(record)
            else:
                staying.append((record, self.entities.encode(record)))
        left = tx.left
        is_new = left is None
        locked = tx.locked
        if tx.reading:
            locked = [*locked, *(label for label in tx.shared if request_id not in self.entities.readers(label))]
        if locked:
            left = left or Left(tx.header)
            self._note_locked(left, locked)
        if left is not None:
            self.left.put(request_id, left)
        for record in tx.touched:
            record.holder = left
        if tx.reading or tx.returned:
            for label in tx.shared:
                self.entities.keep_shared(label, request_id)
            self._stop_reading(tx)
        for record, data in staying:
            self.entities.keep_held(record, data, request_id)
        for record in going:
            self.entities.keep_away(record.label, request_id, is_new=is_new)
        self._drop(tx)

    def _note_locked(self, left: Left, locked: list[str]) -> None:
        """Note the entities that an attempt locked in a visit. A long list is a record of its own: what is left is written often."""
        if not left.locked and not left.visits and len(locked) <= FIRST_LABELS:
            left.locked = tuple(locked)
            return
        self._changes.put(f"v/{left.header.request_id}/{left.visits}", _encode(locked))
        left.visits += 1

    # Which places are told by which one.

    def _leave_list(self, tx: PlacedTransaction) -> None:
        """Leave a long list of visited places here: this place tells those how it ended that need not hear it from where it ends.

        So a transaction does not carry the names of all places that it was at. It goes on to carry those that get more than the decision:
        the root, the homes of what travels or was sent home, and those that joined again. A place that is told itself tells nobody, or two
        might wait to be told by each other; and who lives in parked frames is known where these are.
        """
        if not tx.holds_here or tx.is_told or tx.parked:
            return
        homes = {self.home_of(record) for record in (*live_records(tx, tx.stack), *tx.carried)}
        told = tx.visited - homes - tx.rejoined - tx.written.keys() - {tx.header.root}
        if 2 * len(told) < len(tx.visited):
            return
        left = tx.left = tx.left or Left(tx.header)
        self._changes.put(f"b/{tx.header.request_id}/{left.relays}", _encode(sorted(told)))
        left.relays += 1
        tx.visited = tx.visited - told

    def _rejoin(self, tx: PlacedTransaction) -> None:
        """Let the place where the transaction ends tell this one, too, since it has the states of entities that live here."""
        assert tx.left is not None
        tx.left.is_rejoined, tx.is_told = True, False
        tx.rejoined = {*tx.rejoined, self.name}

    # Entities whose calls have returned away from home.

    def _send_home(self, tx: PlacedTransaction, target: str) -> None:
        """Send entities home that are `self` in no frame any more: those that live at the target, and all when they are large."""
        live = set(map(id, live_records(tx, tx.stack)))
        idle = []
        for record in [record for record in tx.carried if id(record) not in live]:
            if tx.header.is_read_only and self.store.is_stable(record):
                # It is at home as it is here.
                tx.carried.remove(record)
                self._empty([record])
            else:
                idle.append((record, self.home_of(record), self.entities.encode(record)))
        sends_all = sum(len(data or b"") for _, _, data in idle) > self._write_back_bytes
        states: dict[str, list[State]] = {}
        for record, home, data in idle:
            if sends_all or home == target:
                states.setdefault(home, []).append(self.entities.to_send(record, data))
                tx.carried.remove(record)
                self._empty([record])
        sent = [(home, WriteBack(tx.header.request_id, tx.header.attempt, tuple(given))) for home, given in states.items()]
        for _, message in sent:
            self._check_size(message)
        for home, message in sent:
            tx.written = {**tx.written, home: tx.written.get(home, 0) + 1}
            self._send(home, message)

    def _write_back(self, message: WriteBack) -> None:
        left = self.left.get(message.request_id)
        if left is None or left.header.attempt != message.attempt:
            return
        for state in message.states:
            self.entities.keep_sent(state, is_final=False)
        left.written += 1
        held, left.held = left.held, None
        self.left.put(message.request_id, left)
        if held is not None:
            self._handle(held)

    def _must_wait_for_writes(self, message: Move | Commit, request_id: str, attempt: int, written: int) -> bool:
        """Tell whether a message came before a `WriteBack` that was sent earlier, by another way; then hold it until that has come."""
        left = self.left.get(request_id)
        if left is None or left.header.attempt != attempt or left.written >= written:
            return False
        left.held = message
        self.left.put(request_id, left)
        return True

    # Frames that stay behind.

    def _park(self, tx: PlacedTransaction) -> Move | None:
        """Leave the frames here, and return what goes on without them; None when they must go along."""
        operation = neutral_operation(tx)
        if operation is None:
            return None
        context, travelling = pack(tx, tx.stack, None)
        left = tx.left = tx.left or Left(tx.header)
        request_id = tx.header.request_id
        self._changes.put(f"f/{request_id}/{left.parked}", context)
        tx.parked.append(Parking(self.name, left.parked, tuple(map(label_of, travelling))))
        tx.stack = [Parked(self.name, left.parked, depth_of(tx.stack))]
        left.parked += 1
        tx.pending, tx.domain = operation, None
        self._empty(tx.carried)
        tx.carried = []
        move = self._pack(tx)
        tx.travelling = travelling
        return move

    def _unpark(self, tx: PlacedTransaction) -> None:
        """Put the frames that were parked last back under those that went on without them."""
        key = f"f/{tx.header.request_id}/{tx.parked.pop().number}"
        context = self._changes.get(key)
        assert context is not None
        self._changes.remove(key)
        domain, stop, unborn, operations_left, generators = tx.domain, tx.stop, tx.unborn, tx.operations_left, tx.open_generators
        tx.unborn = []
        parked, _, travelled = unpack(tx, context)
        tx.unborn, tx.stop, tx.operations_left, tx.open_generators = unborn, stop, operations_left, generators
        self._take_along(tx, travelled)
        tx.stack = rejoin(tx, parked, tx.stack)
        if len(tx.stack) > len(parked):
            tx.domain = domain

    # Arrival.

    def _unpack(self, tx: PlacedTransaction, move: Move) -> None:
        """Take in what `_pack` wrote."""
        tx.visited = frozenset(move.visited)
        if self.name in tx.visited:
            tx.visited -= {self.name}
        elif tx.left is not None:
            tx.is_told = True
        if move.parked or move.written or move.rejoined:
            tx.parked, tx.written, tx.rejoined = list(move.parked), dict(move.written), frozenset(move.rejoined)
        if move.unborn:
            tx.unborn = [Record(self.flow.by_name[name], None) for name in move.unborn]
            for number, record in enumerate(tx.unborn, 1):
                record.number = number
        self.codec.transaction = tx
        tx.stack, tx.pending, travelled = unpack(tx, move.context)
        if move.random:
            unpack_random(tx, move.random)
        self._take_along(tx, travelled)
        if tx.pending is not None and tx.pending[0] == "return" and tx.parked[-1].place == self.name:
            self._unpark(tx)

    def _take_along(self, tx: PlacedTransaction, travelled: Iterable[Record]) -> None:
        for record in travelled:
            if self.home_of(record) != self.name:
                tx.carried.append(record)
                record.holder, record.is_stable = tx, None
            else:
                self._take_back(tx, record)

    def _take_back(self, tx: PlacedTransaction, record: Record) -> None:
        """Go on with an entity that comes home in the middle of its transaction."""
        if not record.label:
            self.entities.load(record, is_given=True)
        if tx.header.request_id in self.entities.readers(record.label):
            tx.share(record)
            tx.returned = (*tx.returned, record)
            return
        if record.holder is None or record.holder is not tx.left:
            raise MalformedBytes(f"SF511: {record!r} comes home, and was not taken along")
        self.entities.away.discard(record.label)
        tx.hold(record)

    def _resume_here(self, tx: PlacedTransaction) -> tuple[list[Any], Any]:
        """Return stack and pending operation of a transaction that goes on here; it owns them from then on."""
        stack, pending = tx.stack, tx.pending
        tx.stack, tx.pending = [], None
        return stack, pending
