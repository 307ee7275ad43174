"""The context of a suspended transaction: its frames and the entities that travel with it, as one object graph."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from stateflow.core.boundaries import DomainBoundary
from stateflow.core.flat_contexts import FLAT, read_flat, write_flat
from stateflow.core.frame import Frame
from stateflow.errors import MalformedBytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stateflow.core.placed import PlacedTransaction
    from stateflow.core.store import Record

# The state of a Mersenne Twister: 624 words and a position.
_WORDS = struct.Struct("<625I")

__all__ = ["live_records", "pack", "pack_random", "unpack", "unpack_random"]


def live_records(tx: PlacedTransaction, stack: list[Any]) -> list[Record]:
    """Return the records of the entities that are `self` in a frame of the stack, each once."""
    records: list[Record | None] = []
    for item in stack:
        if type(item) is not Frame and isinstance(item, DomainBoundary):
            records += (item.caller, item.record)
    records.append(tx.domain)
    found: dict[int, Record] = {}
    for record in records:
        # One that was created a moment ago has its entity under its key, and that is another record.
        reference = None if record is None else record.reference
        if reference is not None:
            known: Record = reference._sf_record or tx.store.record(reference)
            found[id(known)] = known
    return list(found.values())


def pack(tx: PlacedTransaction, stack: list[Any], pending: Any) -> tuple[bytes, list[Record]]:
    """Return the context as bytes, and the records of the entities that are in it.

    With the frames go the states of the entities that are `self` in one of them, and of those that came along earlier and do not live here.
    One graph holds all, so that an object that a local variable and an entity share stays one object. How many operations are left goes
    along, so that a loop without end over entities of several places is stopped like any other.
    """
    travelling = {id(record): record for record in (*live_records(tx, stack), *tx.carried)}
    flat = write_flat(tx, stack, pending, list(travelling.values()))
    if flat is not None:
        return flat, list(travelling.values())
    operation, arguments = pending or ("", ())
    # One flat list, since each object of a graph costs more than its parts.
    graph = [stack, operation, len(arguments), *arguments, tx.domain, tx.stop, tx.operations_left, tx.open_generators]
    graph += (len(travelling), len(tx.unborn))
    for record in travelling.values():
        graph += (record, record.instance)
    for record in tx.unborn:
        graph += (record.reference, record.instance if record.reference is None else None)
    return tx.codec.encode_stack(graph), list(travelling.values())


def unpack(tx: PlacedTransaction, context: bytes) -> tuple[list[Any], Any, list[Record]]:
    """Read what `pack` wrote, into a transaction whose `unborn` has a new record for each that is being created.

    Returns:
        The stack, the pending operation, and the records of the entities that came along.
    """
    if context[:1] == FLAT:
        return _unpack_flat(tx, context)
    made: Any = tx.codec.codec.decode(context)
    stack, operation, count, *rest = made
    pending = (operation, tuple(rest[:count])) if operation else None
    tx.domain, tx.stop, tx.operations_left, tx.open_generators, travelled, unborn, *rest = rest[count:]
    states, births = rest[: 2 * travelled], rest[2 * travelled :]
    if len(births) != 2 * unborn:
        raise MalformedBytes("SF511: a context has another number of parts than it says")
    for record, reference in zip(tx.unborn, births[::2], strict=True):
        if reference is not None:
            record.reference, record.key = reference, reference._sf_key
    records = states[::2]
    _place(tx, zip(records, states[1::2], strict=True))
    return stack, pending, records


def _unpack_flat(tx: PlacedTransaction, context: bytes) -> tuple[list[Any], Any, list[Record]]:
    stack, pending, travelled = read_flat(tx, context)
    _place(tx, travelled)
    return stack, pending, [record for record, _ in travelled]


def _place(tx: PlacedTransaction, travelled: Iterable[tuple[Record, Any]]) -> None:
    for record, instance in travelled:
        if record.instance is not instance:
            tx.store.place(record, instance)


def pack_random(tx: PlacedTransaction) -> bytes:
    """Return the state of the transaction's random generator; nothing when it has not drawn from it."""
    state = tx.repeatable.random_state()
    if state is None:
        return b""
    version, numbers, gauss = state
    assert version == 3
    return _WORDS.pack(*numbers) + (b"" if gauss is None else struct.pack("<d", gauss))


def unpack_random(tx: PlacedTransaction, data: bytes) -> None:
    """Give the transaction the random generator that `pack_random` wrote."""
    if not data:
        return
    numbers, rest = _WORDS.unpack(data[: _WORDS.size]), data[_WORDS.size :]
    tx.repeatable.set_random_state((3, numbers, struct.unpack("<d", rest)[0] if rest else None))
