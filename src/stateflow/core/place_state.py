"""What a place has, and what all its sections use."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any, Final

import msgspec

from stateflow.core.answered import Answered
from stateflow.core.class_versions import ClassVersions
from stateflow.core.counts import Counts
from stateflow.core.entities import Entities
from stateflow.core.locks import Queues
from stateflow.core.native_classes import mypyc_attr
from stateflow.core.placed import PlacedTransaction
from stateflow.core.runtime_codec import RuntimeCodec
from stateflow.core.saved import LAYOUT, Head, Left, Lock, Root
from stateflow.core.sections import Section
from stateflow.core.store import Store
from stateflow.errors import IncompatibleSchema, LimitExceeded
from stateflow.limits import NAMES_BYTES, OUTSIDE_BYTES
from stateflow.protocol.steps import Abort, Answer, Commit, Move, most_of, size_of

if TYPE_CHECKING:
    from collections.abc import Sized

    from stateflow.core.placement import Placement
    from stateflow.core.records import Changes
    from stateflow.core.store import Record
    from stateflow.dataflow import Dataflow
    from stateflow.protocol.steps import Header, Message

__all__ = ["PlaceState"]

# The counts come in the order in which the sections were first used, which a new machine over the same records does not know.
_encode_head: Final = msgspec.msgpack.Encoder(order="deterministic").encode
_decode_head: Final = msgspec.msgpack.Decoder(Head).decode

_STATES: Final = ("the entities that go home with their changes take", "split their states over several entities")
_SIZES: Final = {
    Answer: ("the reply takes", "return less, or have it read in parts"),
    Move: (
        "the variables of methods that wait for another entity, with what they call it with and their own entities, take",
        "give it less, or split the entities",
    ),
}


@mypyc_attr(allow_interpreted_subclasses=True)
class PlaceState:
    """The entities and the transactions of one place.

    Args:
        flow: the compiled classes.
        name: its name in the placement.
        placement: says where entities live.
        changes: what it keeps.
        suspends: pause at every suspension point, by a message to itself. Slow; results are the same.
        cache_bytes: what the entities in memory may take together.
        park_bytes: the size of frames that still go along with their transaction.
        write_back_bytes: what a transaction carries at most of entities whose calls have returned.
        envelope_bytes: the size of the largest envelope.
        visited_places: how many visited places a transaction names before it leaves their list behind.

    Raises:
        IncompatibleSchema: another version of StateFlow laid out what it keeps.
    """

    def __init__(
        self,
        flow: Dataflow,
        name: str,
        placement: Placement,
        changes: Changes,
        *,
        suspends: bool,
        cache_bytes: int,
        park_bytes: int,
        write_back_bytes: int,
        envelope_bytes: int,
        visited_places: int,
    ) -> None:
        self.flow = flow
        self.name = name
        self.store = Store(flow)
        self.codec = RuntimeCodec(self.store)
        self._changes = changes
        data = changes.get("place")
        self.head = Head(layout=LAYOUT) if data is None else _read_head(name, data)
        counts = self.head.counts
        self.roots: Section[Root] = Section(changes, "r/", Root, counts.get("r", 0))
        self.left: Section[Left] = Section(changes, "t/", Left, counts.get("t", 0))
        self.locks: Section[Lock] = Section(changes, "l/", Lock, counts.get("l", 0))
        self.queues = Queues(changes, counts)
        self._sections: tuple[tuple[str, Section[Any]], ...] = (
            ("r", self.roots), ("t", self.left), ("l", self.locks), ("q", self.queues.spans), ("w", self.queues.waiters)
        )  # fmt: skip
        self.answered = Answered(changes, self.head, flow)
        versions = ClassVersions(name, changes, flow)
        self.entities = Entities(self.store, self.codec, changes, self.locks, self.left, versions, cache_bytes)
        self._placement = placement
        self._suspends = suspends
        self._park_bytes = park_bytes
        self._write_back_bytes = write_back_bytes
        self._room_bytes = envelope_bytes - OUTSIDE_BYTES
        # With so much of values no message can be too large.
        self._easy_bytes = self._room_bytes - NAMES_BYTES
        self._visited_places = visited_places
        self.counts = Counts()
        self._sent: defaultdict[str, list[Message]] = defaultdict(list)
        self._released: deque[str] = deque()
        self._beginning: Root | None = None
        self._reads: dict[tuple[str, str, str], bool] = {}

    def under_way(self) -> str:
        """Return what is here of transactions that have not ended, in words; nothing when there is nothing."""
        counts: dict[str, Sized] = {"begun": self.roots, "elsewhere": self.left, "locks": self.locks, "waiting": self.queues}
        return ", ".join(f"{len(section)} {name}" for name, section in counts.items() if len(section))

    def home_of(self, record: Record) -> str:
        """Return the name of the place where an entity lives."""
        if not record.home:
            record.home = self._placement.home(record.cls, record.key)
        return record.home

    def flush(self) -> None:
        """Leave nothing in memory that is not in the changes too, but for entities as they are stored."""
        for name, section in self._sections:
            if section.dirty:
                section.flush()
                self.head.counts[name] = section.stored
        self.answered.flush()
        self._changes.put("place", _encode_head(self.head))
        self.entities.prune()

    def _send(self, target: str, message: Message) -> None:
        self._sent[target].append(message)

    def _check_size(self, message: Message) -> None:
        """Refuse a message that no envelope could take, before anything of its transaction is decided.

        Raises:
            LimitExceeded: it is too large.
        """
        if most_of(message) <= self._room_bytes:
            return
        size = size_of(message)
        if size > self._room_bytes:
            what, fix = _SIZES.get(type(message), _STATES)
            raise LimitExceeded(f"SF530: {what} {size} bytes, more than the {self._room_bytes} that one message may take; {fix}")

    def _handle(self, message: Message) -> None:
        """Handle one message."""
        raise NotImplementedError

    def fetched(self, tx: PlacedTransaction, record: Record) -> tuple[str, tuple[Any, ...]]:
        """Return what comes next when a transaction has locked the entity that it was to fetch."""
        raise NotImplementedError

    def _open(self, header: Header) -> PlacedTransaction:
        """Return an attempt, with what this place knows of it; what it knows of earlier ones is undone."""
        left = self.left.get(header.request_id)
        if left is not None and left.header.attempt != header.attempt:
            self._undo_left(left)
            left = None
        return PlacedTransaction(self, header, left, suspends=self._suspends)

    # Who may have an entity.

    def may_share(self, record: Record, header: Header) -> bool:
        """Tell whether a transaction would only read an entity of this place, which has no holder now."""
        if not header.is_read_only:
            return False
        return header.request_id in self.entities.readers(record.label) or self.store.is_stable(record)

    def conflicts(self, record: Record, header: Header) -> list[Header]:
        """Return the transactions that keep another one from an entity of this place; none when it may have it.

        One that reads does not join the readers past a waiting writer, unless the writer is younger and holds nothing.
        """
        if record.holder is not None:
            return [record.holder.header]
        readers = self.entities.readers(record.label)
        if not header.is_read_only and not readers:
            return []
        if header.request_id in readers:
            return []
        if self.may_share(record, header):
            writers = [waiter for waiter in self.queues.waiting(record.label) if not waiter.header.is_read_only]
            return [waiter.header for waiter in writers if waiter.holds or waiter.header.age < header.age]
        return self._headers(readers)

    def _headers(self, readers: tuple[str, ...]) -> list[Header]:
        return [left.header for left in map(self.left.get, readers) if left is not None]

    # What an attempt has here, let go.

    def _touched_labels(self, left: Left | None) -> list[str]:
        """Return the labels of the entities that were locked in earlier visits."""
        if left is None:
            return []
        request_id = left.header.request_id
        found = [*left.locked]
        for visit in range(left.visits):
            found += self._visit(request_id, visit)
        return found

    def _visit(self, request_id: str, visit: int) -> list[str]:
        data = self._changes.get(f"v/{request_id}/{visit}")
        assert data is not None
        labels: list[str] = msgspec.msgpack.decode(data, type=list[str])
        return labels

    def _forget_left(self, request_id: str, left: Left | None, labels: list[str], *, is_kept: bool) -> None:
        """Let go of entities, and of what the place noted of an attempt; tell the places that hear of its end from this one."""
        for label in labels:
            self.entities.release(label, request_id)
            if self.queues.has(label):
                self._released.append(label)
        if left is None:
            return
        if left.visits or left.parked or left.relays:
            self._forget_lists(left, is_kept=is_kept)
        self.left.remove(request_id)

    def _forget_lists(self, left: Left, *, is_kept: bool) -> None:
        request_id = left.header.request_id
        for visit in range(left.visits):
            self._changes.remove(f"v/{request_id}/{visit}")
        for number in range(left.parked):
            if self._changes.get(f"f/{request_id}/{number}") is not None:
                self._changes.remove(f"f/{request_id}/{number}")
        self._relay(left, is_kept=is_kept)

    def _relay(self, left: Left, *, is_kept: bool) -> None:
        kind = Commit if is_kept else Abort
        for number in range(left.relays):
            key = f"b/{left.header.request_id}/{number}"
            data = self._changes.get(key)
            assert data is not None
            self._changes.remove(key)
            for name in msgspec.msgpack.decode(data, type=list[str]):
                self._send(name, kind(left.header.request_id, left.header.attempt, is_relayed=True))

    def _undo_left(self, left: Left) -> None:
        """Take back what an attempt that is elsewhere changed here."""
        labels = self._touched_labels(left)
        for label in labels:
            self.entities.undo(label)
        self._forget_left(left.header.request_id, left, labels, is_kept=False)

    def _undo(self, tx: PlacedTransaction) -> None:
        """Take back what an attempt that is here changed here."""
        self._drop(tx)
        labels = [*self._touched_labels(tx.left), *tx.locked, *tx.shared]
        self._stop_reading(tx)
        for record in tx.touched:
            self.entities.forget(record)
        for label in labels:
            self.entities.undo(label)
        self._forget_left(tx.header.request_id, tx.left, labels, is_kept=False)

    def _stop_reading(self, tx: PlacedTransaction) -> None:
        """Let go of what a transaction read in this visit, for now."""
        for record in tx.reading:
            record.holder = None
        for record in tx.returned:
            self.entities.forget(record)
        tx.reading, tx.returned = [], ()

    def _drop(self, tx: PlacedTransaction) -> None:
        """Forget the entities that do not live here, and those that have no key yet."""
        if not tx.carried and not tx.unborn:
            return
        self._empty(tx.carried)
        if tx.unborn:
            # The instance of one that has a key by now belongs to the record under its key.
            self._empty([record for record in tx.unborn if record.identity is None])
            tx.unborn = []
        tx.carried = []

    def _empty(self, records: list[Record]) -> None:
        """Drop the instances of entities that are not kept here."""
        for record in records:
            self.store.place(record, None)
            record.holder = None


def _read_head(name: str, data: bytes) -> Head:
    head = _decode_head(data)
    if head.layout != LAYOUT:
        # It would not find the replies that are kept, and run a repeated request again.
        raise IncompatibleSchema(
            [f"what place {name} keeps was laid out by another version of StateFlow; go on with that one, or begin with an empty engine"]
        )
    return head
