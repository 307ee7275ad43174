"""The context of a suspended transaction: its frames and the entities that travel with it, as one object graph."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final

from stateflow.core.boundaries import CallBoundary, CreateBoundary
from stateflow.core.flat_contexts import FLAT, read_flat, write_flat
from stateflow.errors import FrameOfOtherCode, MalformedBytes

if TYPE_CHECKING:
    from stateflow.core.placed import PlacedTransaction
    from stateflow.core.store import Record

_DOMAIN_BOUNDARIES: Final = frozenset({CallBoundary, CreateBoundary})
# The state of a Mersenne Twister: 624 words and a position.
_WORDS: Final = struct.Struct("<625I")
# How an object graph begins: with what no flat context does, and the sum of the marks of the classes of which it holds objects.
_GRAPH_HEAD: Final = struct.Struct(">BI")
_GRAPH: Final = 2

__all__ = ["live_records", "pack", "pack_random", "unpack", "unpack_random"]


def live_records(tx: PlacedTransaction, stack: list[Any]) -> list[Record]:
    """Return the records of the entities that are `self` in a frame of the stack, each once."""
    records: dict[Record | None, None] = {}
    for item in stack:
        if type(item) in _DOMAIN_BOUNDARIES:
            records[item.caller] = records[item.record] = None
    records[tx.domain] = None
    if len(records) == 2 and None in records and tx.domain is not None:
        # The client called this one, which calls another one: most transactions that move are no more than that.
        return [] if tx.domain.identity is None else [tx.store.under_key(tx.domain)]
    found: dict[Record, None] = {}
    for record in records:
        # One that was created a moment ago has its entity under its key, and that is another record.
        if record is not None and record.identity is not None:
            found[tx.store.under_key(record)] = None
    return list(found)


def pack(tx: PlacedTransaction, stack: list[Any], pending: Any) -> tuple[bytes, list[Record]]:
    """Return the context as bytes, and the records of the entities that are in it.

    With the frames go the states of the entities that are `self` in one of them, and of those that came along earlier and do not live here.
    One graph holds all, so that an object that a local variable and an entity share stays one object. How many operations are left goes
    along, so that a loop without end over entities of several places is stopped like any other.
    """
    travelling = live_records(tx, stack)
    if tx.carried:
        travelling = list(dict.fromkeys((*travelling, *tx.carried)))
    mark = _mark(tx, travelling)
    flat = write_flat(tx, stack, pending, travelling, mark)
    if flat is not None:
        return flat, travelling
    return _GRAPH_HEAD.pack(_GRAPH, mark) + _write_graph(tx, stack, pending, travelling), travelling


def _write_graph(tx: PlacedTransaction, stack: list[Any], pending: Any, travelling: list[Record]) -> bytes:
    operation, arguments = pending or ("", ())
    # One flat list, since each object of a graph costs more than its parts.
    graph = [stack, operation, len(arguments), *arguments, tx.domain, tx.stop, tx.operations_left, tx.open_generators]
    graph += (len(travelling), len(tx.unborn))
    for record in travelling:
        graph += (record, record.instance)
    for record in tx.unborn:
        if record.identity is None:
            graph += (None, record.instance)
        else:
            graph += (tx.store.reference_to(record), None)
    return tx.codec.encode_stack(graph)


def _mark(tx: PlacedTransaction, travelling: list[Record]) -> int:
    """Return what tells the versions of the classes of which objects go along from others.

    A method whose code is the same goes on with new code; it must not go on with objects that this has other fields for.
    """
    mark_of = tx.place.entities.mark_of
    if len(travelling) == 1 and not tx.unborn:
        return mark_of(travelling[0].cls)
    classes = {record.cls for record in (*travelling, *tx.unborn)}
    return sum(map(mark_of, classes)) & 0xFFFFFFFF


def unpack(tx: PlacedTransaction, context: bytes) -> tuple[list[Any], Any, list[Record]]:
    """Read what `pack` wrote, into a transaction whose `unborn` has a new record for each that is being created.

    Returns:
        The stack, the pending operation, and the records of the entities that came along.

    Raises:
        FrameOfOtherCode: a method that it is in, or the class of an entity that came along, has changed since.
        MalformedBytes: the bytes are something else.
    """
    stack, pending, travelled, mark = read_flat(tx, context) if context[:1] == FLAT else _read_graph(tx, context)
    records = [record for record, _ in travelled]
    if mark != _mark(tx, records):
        changed = ", ".join(sorted({record.cls.__qualname__ for record in (*records, *tx.unborn)})) or "nothing"
        raise FrameOfOtherCode(f"SF573: an object of {changed} travelled while its class changed, and the new code cannot go on with it")
    for record, instance in travelled:
        if record.instance is not instance:
            tx.store.place(record, instance)
    return stack, pending, records


def _read_graph(tx: PlacedTransaction, data: bytes) -> tuple[list[Any], Any, list[tuple[Record, Any]], int]:
    if len(data) < _GRAPH_HEAD.size:
        raise MalformedBytes("SF511: these bytes are no context")
    kind, mark = _GRAPH_HEAD.unpack_from(data)
    if kind != _GRAPH:
        raise MalformedBytes("SF511: these bytes are no context")
    made: Any = tx.codec.codec.decode(data[_GRAPH_HEAD.size :])
    stack, operation, count, *rest = made
    pending = (operation, tuple(rest[:count])) if operation else None
    tx.domain, tx.stop, tx.operations_left, tx.open_generators, travelled, unborn, *rest = rest[count:]
    states, births = rest[: 2 * travelled], rest[2 * travelled :]
    if len(births) != 2 * unborn:
        raise MalformedBytes("SF511: a context has another number of parts than it says")
    for record, reference in zip(tx.unborn, births[::2], strict=True):
        if reference is not None:
            record.identity, record.key = reference._sf_identity, reference._sf_key
    return stack, pending, list(zip(states[::2], states[1::2], strict=True)), mark


def pack_random(tx: PlacedTransaction) -> bytes:
    """Return the state of the transaction's random generator; nothing when it has not drawn from it."""
    state = tx.random_state()
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
