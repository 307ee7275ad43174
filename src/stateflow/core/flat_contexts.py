"""The contexts of most transactions that move, written without an object graph, which is several times as fast.

Such a context holds plain scalars, references, and the entities that travel; nothing else is in its variables, its pending call and the
states of its entities. Scalars have no identity that Python programs may rely on, a reference is one object in each store, and an entity
stands for itself by its number among those that travel: so what was one object before is one object again. Whatever else is met, a list or
an exception being handled, makes the whole context an object graph.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from stateflow.core.boundaries import CallBoundary
from stateflow.core.frame import UNBOUND, Frame
from stateflow.core.root import RootBoundary
from stateflow.core.store import Record, fill_state, get_state
from stateflow.errors import MalformedBytes
from stateflow.limits import VALUE_BYTES
from stateflow.protocol.atoms import INLINE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stateflow.core.placed import PlacedTransaction
    from stateflow.core.runtime_codec import RuntimeCodec

__all__ = ["FLAT", "read_flat", "write_flat"]

FLAT = b"\x01"
"""How the bytes begin; those of an object graph begin otherwise."""

_Scalar = None | bool | int | float | str
_Part = _Scalar | tuple[_Scalar, ...]
"""A scalar; or a tuple: of a class's name and a key for a reference, of a number for an entity that travels, of None for UNBOUND."""

_SCALARS = INLINE - {bytes}
_are_scalars = _SCALARS.issuperset
_are_names = frozenset({str}).issuperset
_CALL = "call"
# What each pending operation is given, but for the arguments of a call. No operation: the frames are parked.
_GIVEN = {"": 0, _CALL: 2, "get": 2, "set": 3, "return": 2, "state": 1, "delete_attribute": 2, "fetch": 1, "begin": 0}


class _Suspended(Struct, frozen=True, array_like=True, tag=0):
    """A frame that handles no exception: the name and the digest of its code, where it goes on, its variables."""

    name: str
    digest: str
    pc: int
    variables: list[_Part]


class _Called(Struct, frozen=True, array_like=True, tag=1):
    """A call between two entities that travel, by their numbers; None for the caller is the client."""

    caller: int | None
    callee: int


class _Asked(Struct, frozen=True, array_like=True, tag=2):
    """What the client asked for, under all."""

    operation: str


class _Travelling(Struct, frozen=True, array_like=True):
    """An entity that travels: its class, its key, its attributes (None: it does not exist)."""

    class_name: str
    key: _Scalar
    state: dict[str, _Part] | None


class _Context(Struct, frozen=True, array_like=True):
    """All of it; `domain` is the number of the entity whose method runs."""

    travelling: list[_Travelling]
    stack: list[_Suspended | _Called | _Asked]
    operation: str
    given: list[_Part]
    args: list[_Part]
    kwargs: dict[str, _Part]
    domain: int | None
    stop: _Part
    operations_left: int
    open_generators: int


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Context).decode


class _NeedsGraph(Exception):
    """Something is neither a scalar nor a reference nor an entity that travels."""


def write_flat(tx: PlacedTransaction, stack: list[Any], pending: Any, travelling: list[Record]) -> bytes | None:
    """Return a context as bytes; None where it needs an object graph.

    Args:
        tx: the transaction.
        stack: its frames and boundaries, the outermost first.
        pending: the name and the arguments of the operation that comes first, or None.
        travelling: the records of the entities that go along.
    """
    try:
        data = _encode(_to_parts(tx, stack, pending, travelling))
    except (_NeedsGraph, OverflowError, UnicodeEncodeError):
        return None
    return FLAT + data if len(data) < VALUE_BYTES else None


def _to_parts(tx: PlacedTransaction, stack: list[Any], pending: Any, travelling: list[Record]) -> tuple[Any, ...]:
    """Return what a `_Context` consists of; as plain tuples, which are written alike and made faster."""
    operation: str
    given: Any
    operation, given = pending or ("", ())
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}
    if operation == _CALL:
        *given, args, kwargs = given
    if tx.unborn or _GIVEN.get(operation) != len(given):
        raise _NeedsGraph
    writer = _Writer(tx.codec, travelling)
    entities = [writer.entity(record) for record in travelling]
    entries = [writer.entry(item) for item in stack]
    domain, stop = writer.number(tx.domain), writer.part(tx.stop)
    given, args, kwargs = writer.parts(given), writer.parts(args), writer.named(kwargs)
    return entities, entries, operation, given, args, kwargs, domain, stop, tx.operations_left, tx.open_generators


class _Writer:
    """Turns what is in a context into parts."""

    __slots__ = ("_codec", "_instances", "_records")

    def __init__(self, codec: RuntimeCodec, travelling: list[Record]) -> None:
        self._codec = codec
        self._records: dict[int, int] = {}
        self._instances: dict[int, int] = {}
        for number, record in enumerate(travelling):
            self._records[id(record)] = number
            self._instances[id(record.instance)] = number

    def part(self, value: Any) -> Any:
        kind = type(value)
        if kind in _SCALARS:
            return value
        class_name = self._codec.reference_names.get(kind)
        if class_name is not None:
            key = value._sf_key
            if type(key) in _SCALARS:
                return (class_name, key)
        elif id(value) in self._instances:
            return (self._instances[id(value)],)
        elif value is UNBOUND:
            return (None,)
        raise _NeedsGraph

    def parts(self, values: Sequence[Any]) -> Any:
        return values if not values or _are_scalars(map(type, values)) else [self.part(value) for value in values]

    def named(self, values: Mapping[str, Any]) -> Any:
        if not _are_names(map(type, values)):
            raise _NeedsGraph
        return values if _are_scalars(map(type, values.values())) else {name: self.part(value) for name, value in values.items()}

    def entry(self, item: Any) -> tuple[Any, ...]:
        kind = type(item)
        if kind is Frame:
            if not item.handled and item.value is None:
                code = item.code
                return 0, code.name, code.digest, item.pc, self.parts(item.locals)
        elif kind is CallBoundary:
            callee = self._records.get(id(item.record))
            if callee is not None:
                return 1, self.number(item.caller), callee
        elif kind is RootBoundary and item.record is None:
            return 2, item.operation
        raise _NeedsGraph

    def number(self, record: Record | None) -> int | None:
        if record is None:
            return None
        number = self._records.get(id(record))
        if number is None:
            raise _NeedsGraph
        return number

    def entity(self, record: Record) -> tuple[Any, ...]:
        cls, instance = record.cls, record.instance
        key: Any = record.key
        if type(key) not in _SCALARS:
            raise _NeedsGraph
        if instance is None:
            return cls.__qualname__, key, None
        if type(instance) is not cls:
            raise _NeedsGraph
        state = get_state(instance) if self._codec.flow.has_slots[cls] else instance.__dict__
        return cls.__qualname__, key, self.named(state)


def read_flat(tx: PlacedTransaction, data: bytes) -> tuple[list[Any], Any, list[tuple[Record, Any]]]:
    """Read what `write_flat` wrote, into a transaction.

    Returns:
        The stack, the pending operation, and the record and the instance of each entity that came along.

    Raises:
        MalformedBytes: the bytes are something else.
        FrameOfOtherCode: a frame is of code that was compiled from another text.
    """
    if len(data) > VALUE_BYTES:
        raise MalformedBytes("SF511: these bytes are too many")
    try:
        context = _decode(memoryview(data)[1:])
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise MalformedBytes(f"SF511: {error}") from None
    if tx.unborn or _GIVEN.get(context.operation) != len(context.given):
        raise MalformedBytes(f"SF511: {context.operation!r} with {len(context.given)} arguments is no operation of this form")
    reader = _Reader(tx.codec, context.travelling)
    stack = reader.stack(context.stack)
    tx.domain, tx.stop = reader.record(context.domain), reader.part(context.stop)
    tx.operations_left, tx.open_generators = context.operations_left, context.open_generators
    return stack, reader.pending(context), reader.travelled


class _Reader:
    """Turns parts into what they stand for.

    Attributes:
        travelled: the record and the instance of each entity that came along.
    """

    __slots__ = ("_codec", "travelled")

    def __init__(self, codec: RuntimeCodec, travelling: list[_Travelling]) -> None:
        self._codec = codec
        self.travelled: list[tuple[Record, Any]] = []
        store = codec.store
        for entity in travelling:
            record = store.record_of(codec.find_class(entity.class_name), entity.key)
            self.travelled.append((record, None if entity.state is None else object.__new__(record.cls)))
        if len(travelling) > 1 and len({id(record) for record, _ in self.travelled}) < len(travelling):
            raise MalformedBytes("SF511: an entity comes twice")
        # An entity may hold another one, or itself, so that all are there before any is filled.
        for entity, (record, instance) in zip(travelling, self.travelled, strict=True):
            if entity.state is not None:
                fill_state(instance, self._named(entity.state), has_slots=codec.flow.has_slots[record.cls])

    def part(self, value: Any) -> Any:
        if type(value) is not tuple:
            return value
        match value:
            case (str() as class_name, key):
                return self._codec.find_reference(class_name, key)
            case (None,):
                return UNBOUND
            case (number,) if type(number) is int and 0 <= number < len(self.travelled) and self.travelled[number][1] is not None:
                return self.travelled[number][1]
        raise MalformedBytes("SF511: a value that is no reference and no entity that came along")

    def _parts(self, values: list[Any]) -> list[Any]:
        return values if _are_scalars(map(type, values)) else [self.part(value) for value in values]

    def _named(self, values: dict[str, Any]) -> dict[str, Any]:
        return values if _are_scalars(map(type, values.values())) else {name: self.part(value) for name, value in values.items()}

    def record(self, number: int | None) -> Record | None:
        if number is None:
            return None
        if not 0 <= number < len(self.travelled):
            raise MalformedBytes("SF511: an entity that did not come along")
        return self.travelled[number][0]

    def stack(self, items: list[_Suspended | _Called | _Asked]) -> list[Any]:
        made: list[Any] = []
        for item in items:
            if isinstance(item, _Suspended):
                code = self._codec.code_of_frame(item.name, item.digest)
                made.append(Frame(code, item.pc, tuple(self._parts(item.variables))))
            elif isinstance(item, _Called):
                record = self.record(item.callee)
                assert record is not None
                made.append(CallBoundary(self.record(item.caller), record))
            else:
                made.append(RootBoundary(item.operation, None))
        return made

    def pending(self, context: _Context) -> Any:
        operation, given = context.operation, self._parts(context.given)
        if operation != _CALL:
            if context.args or context.kwargs:
                raise MalformedBytes("SF511: arguments of no call")
            return (operation, tuple(given)) if operation else None
        return operation, (*given, tuple(self._parts(context.args)), self._named(context.kwargs))
