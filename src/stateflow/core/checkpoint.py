"""A whole place as bytes, between two messages: what an engine saves, and another process goes on with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from stateflow.core.locks import Waiter
from stateflow.core.place import Place, Root
from stateflow.core.placed import PlacedTransaction
from stateflow.core.store import get_state
from stateflow.errors import MalformedBytes
from stateflow.protocol.steps import Answer, Header, Message, Start

if TYPE_CHECKING:
    from stateflow.core.placement import Placement
    from stateflow.core.store import Record
    from stateflow.dataflow import Dataflow

__all__ = ["restore", "save"]

FORMAT = 1


class SavedRecord(Struct, frozen=True, array_like=True):
    """An entity: its reference, its state (empty: it does not exist), its holder, and what an undo needs when it is held."""

    reference: bytes
    state: bytes
    holder: str = ""
    before: bytes = b""


class SavedRoot(Struct, frozen=True, array_like=True):
    """A transaction that began here."""

    start: Start
    began_ns: int
    attempt: int
    askers: list[str]


class SavedWaiter(Struct, frozen=True, array_like=True):
    """A transaction that waits for an entity."""

    reference: bytes
    header: Header
    message: Message
    holds: bool


class SavedPlace(Struct, frozen=True, array_like=True):
    """All of a place."""

    now_ns: int
    records: list[SavedRecord]
    transactions: list[tuple[Header, list[bytes]]]
    roots: list[SavedRoot]
    ledger: list[Answer]
    waiters: list[SavedWaiter]


_encode = msgspec.msgpack.Encoder().encode
_decode_outside = msgspec.msgpack.Decoder(tuple[int, msgspec.Raw]).decode
_decode = msgspec.msgpack.Decoder(SavedPlace).decode


def save(place: Place) -> bytes:
    """Return a place as bytes. No message is being handled meanwhile."""
    records = [_save_record(place, r) for r in place.store.records.values() if r.instance is not None or r.holder is not None]
    held = [(tx.header, [_reference(place, r) for r in tx.touched]) for tx in place.transactions.values()]
    roots = [SavedRoot(root.start, root.began_ns, root.attempt, root.askers) for root in place.roots.values()]
    waiters = [
        SavedWaiter(_reference_to(place, cls, key), waiter.header, waiter.message, waiter.holds)
        for (cls, _, key), queue in place.queues.items()
        for waiter in queue
    ]
    return _encode((FORMAT, SavedPlace(place.now_ns, records, held, roots, list(place.ledger.values()), waiters)))


def restore(place_type: type[Place], flow: Dataflow, name: str, placement: Placement, data: bytes, *, suspends: bool = False) -> Place:
    """Return the place that `save` wrote.

    Raises:
        MalformedBytes: the bytes are something else, or of another version.
    """
    version, inside = _decode_outside(data)
    if version != FORMAT:
        raise MalformedBytes(f"SF511: a checkpoint of version {version}; this version of StateFlow reads {FORMAT}")
    saved = _decode(inside)
    place = place_type(flow, name, placement, suspends=suspends)
    place.now_ns = saved.now_ns
    for root in saved.roots:
        again = place.roots[root.start.request_id] = Root(root.start, root.began_ns)
        again.attempt, again.askers = root.attempt, root.askers
    place.ledger = {answer.request_id: answer for answer in saved.ledger}
    for header, _ in saved.transactions:
        place.transactions[header.request_id] = PlacedTransaction(place, header, suspends=suspends)
    for record in saved.records:
        _restore_record(place, record)
    for header, touched in saved.transactions:
        place.transactions[header.request_id].touched = [_find(place, reference) for reference in touched]
    for waiter in saved.waiters:
        place.queues.add(_find(place, waiter.reference), Waiter(waiter.header, waiter.message, holds=waiter.holds))
    return place


def _save_record(place: Place, record: Record) -> SavedRecord:
    state = b"" if record.instance is None else _encode_state(place, record, record.instance, get_state(record.instance))
    if record.holder is None:
        return SavedRecord(_reference(place, record), state)
    assert record.before is not None
    instance, former = record.before
    before = b"" if former is None else _encode_state(place, record, instance, former)
    return SavedRecord(_reference(place, record), state, record.holder.header.request_id, before)


def _restore_record(place: Place, saved: SavedRecord) -> None:
    record = _find(place, saved.reference)
    if saved.state:
        instance: Any = object.__new__(record.cls)
        place.store.place(record, instance)
        place.codec.give_state(record, _decode_state(place, saved.state))
    if saved.holder:
        record.holder = place.transactions[saved.holder]
        # The undo puts this state into this instance: it may be another one than before, as nothing else refers to either.
        former = None
        if saved.before:
            former = record.instance if record.instance is not None else object.__new__(record.cls)
        record.before = (former, _decode_before(place, record, former, saved.before))


def _decode_before(place: Place, record: Record, former: Any, data: bytes) -> dict[str, Any] | None:
    if not data:
        return None
    made: Any = place.codec.to_domain(_decode_state(place, data), record, former)
    return made  # type: ignore[no-any-return]


def _encode_state(place: Place, record: Record, instance: Any, state: dict[str, Any]) -> bytes:
    # The entity itself becomes a reference, so that the state it has now is not part of the state it had before.
    return place.codec.crossing.encode(place.codec.to_references(state, record, instance), "state")


def _decode_state(place: Place, data: bytes) -> Any:
    return place.codec.crossing.decode(data)


def _reference(place: Place, record: Record) -> bytes:
    return _reference_to(place, record.cls, record.key)


def _reference_to(place: Place, cls: type, key: object) -> bytes:
    return place.codec.crossing.encode(place.store.references.get(cls, key))


def _find(place: Place, reference: bytes) -> Record:
    found: Any = place.codec.crossing.decode(reference)
    return place.store.record(found)
