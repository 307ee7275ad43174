"""The contexts of most transactions that move, written without an object graph, which is several times as fast.

Such a context holds plain scalars, references, and the entities that travel; nothing else is in its variables, its pending call and the
states of its entities. Scalars have no identity that Python programs may rely on, a reference is one object in each store, and an entity
stands for itself by its number among those that travel: so what was one object before is one object again. Whatever else is met, a list or
an exception being handled, makes the whole context an object graph.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from stateflow.core.boundaries import CallBoundary
from stateflow.core.flat_parts import Context, Suspended, Travelling
from stateflow.core.frame import UNBOUND, Frame
from stateflow.core.root import CALLED, RootBoundary
from stateflow.core.store import Record, fill_state, get_state
from stateflow.errors import MalformedBytes
from stateflow.limits import VALUE_BYTES
from stateflow.protocol.atoms import INLINE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stateflow.core.placed import PlacedTransaction
    from stateflow.core.runtime_codec import RuntimeCodec

__all__ = ["FLAT", "read_flat", "write_flat"]

FLAT: Final = b"\x03"
"""How the bytes begin; those of an object graph begin otherwise."""

_SCALARS: Final = INLINE - {bytes}
_are_scalars: Final = _SCALARS.issuperset
_are_names: Final = frozenset({str}).issuperset
_CALL: Final = "call"
# What each pending operation is given, but for the arguments of a call. No operation: the frames are parked.
_GIVEN: Final = {"": 0, _CALL: 2, "get": 2, "set": 3, "return": 2, "state": 1, "delete_attribute": 2, "fetch": 1, "begin": 0}


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Context).decode


class _NeedsGraph(Exception):
    """Something is neither a scalar nor a reference nor an entity that travels."""


def write_flat(tx: PlacedTransaction, stack: list[Any], pending: Any, travelling: list[Record], mark: int) -> bytes | None:
    """Return a context as bytes; None where it needs an object graph.

    Args:
        tx: the transaction.
        stack: its frames and boundaries, the outermost first.
        pending: the name and the arguments of the operation that comes first, or None.
        travelling: the records of the entities that go along.
        mark: tells the versions of their classes from others.
    """
    operation: str
    given: Any
    operation, given = pending or ("", ())
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}
    if operation == _CALL:
        *given, args, kwargs = given
    if tx.unborn or _GIVEN.get(operation) != len(given):
        return None
    writer = _Writer(tx.codec, travelling)
    stop: Any = tx.stop
    is_called = bool(stack) and type(stack[0]) is RootBoundary and stack[0].record is None
    try:
        if stop is not None:
            stop = writer.part(stop)
        # What a `Context` consists of; as plain tuples, which are written alike and made faster.
        data = _encode((
            writer.entities(), is_called, writer.frames(stack, is_called), operation, writer.parts(given), args and writer.parts(args),
            kwargs and writer.named(kwargs), writer.numbers[tx.domain], stop,
            tx.operations_left, tx.open_generators, mark,
        ))  # fmt: skip
    except (KeyError, _NeedsGraph, OverflowError, UnicodeEncodeError):
        return None
    return FLAT + data if len(data) < VALUE_BYTES else None


class _Writer:
    """Turns what is in a context into parts.

    Attributes:
        numbers: those of the entities that travel, by their records; a lookup of another one ends the attempt.
    """

    __slots__ = ("_codec", "_travelling", "numbers")

    def __init__(self, codec: RuntimeCodec, travelling: list[Record]) -> None:
        self._codec = codec
        self._travelling = travelling
        self.numbers: dict[Record | None, int] = {None: 0}
        for record in travelling:
            self.numbers[record] = len(self.numbers)

    def part(self, value: Any) -> Any:
        kind = type(value)
        if kind in _SCALARS:
            return value
        class_name = self._codec.reference_names.get(kind)
        if class_name is not None:
            key = value._sf_key
            if type(key) in _SCALARS:
                return (class_name, key)
        elif value is UNBOUND:
            return (None,)
        else:
            for number, record in enumerate(self._travelling, 1):
                if record.instance is value:
                    return (number,)
        raise _NeedsGraph

    def parts(self, values: Sequence[Any]) -> Any:
        return values if _are_scalars(map(type, values)) else list(map(self.part, values))

    def named(self, values: Mapping[str, Any]) -> Any:
        if not _are_names(map(type, values)):
            raise _NeedsGraph
        return values if _are_scalars(map(type, values.values())) else {name: self.part(value) for name, value in values.items()}

    def frames(self, stack: list[Any], is_called: bool) -> list[tuple[Any, ...]]:
        frames: list[tuple[Any, ...]] = []
        numbers = self.numbers
        caller = callee = 0
        for item in stack[1:] if is_called else stack:
            kind = type(item)
            if kind is Frame:
                if item.handled or item.value is not None:
                    raise _NeedsGraph
                code = item.code
                frames.append((caller, callee, code.name, code.digest, item.pc, item.locals and self.parts(item.locals)))
                caller = callee = 0
            elif kind is CallBoundary and not callee:
                caller, callee = numbers[item.caller], numbers[item.record]
            else:
                raise _NeedsGraph
        if callee:
            raise _NeedsGraph
        return frames

    def entities(self) -> list[tuple[Any, ...]]:
        entities: list[tuple[Any, ...]] = []
        has_slots = self._codec.flow.has_slots
        for record in self._travelling:
            cls, key, instance = record.cls, record.key, record.instance
            if type(key) not in _SCALARS:
                raise _NeedsGraph
            if instance is None:
                entities.append((cls.__qualname__, key, None))
            elif type(instance) is cls:
                entities.append((cls.__qualname__, key, self.named(get_state(instance) if has_slots[cls] else instance.__dict__)))
            else:
                raise _NeedsGraph
        return entities


def read_flat(tx: PlacedTransaction, data: bytes) -> tuple[list[Any], Any, list[tuple[Record, Any]], int]:
    """Read what `write_flat` wrote, into a transaction.

    Returns:
        The stack, the pending operation, the record and the instance of each entity that came along, and the mark.

    Raises:
        MalformedBytes: the bytes are something else.
        FrameOfOtherCode: a frame is of code that was compiled from another text.
    """
    if len(data) > VALUE_BYTES:
        raise MalformedBytes("SF511: these bytes are too many")
    try:
        context = _decode(data[1:])
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise MalformedBytes(f"SF511: {error}") from None
    if tx.unborn or _GIVEN.get(context.operation) != len(context.given):
        raise MalformedBytes(f"SF511: {context.operation!r} with {len(context.given)} arguments is no operation of this form")
    reader = _Reader(tx.codec, context.travelling)
    stack: list[Any] = [CALLED] if context.is_called else []
    reader.add_frames(stack, context.frames)
    if context.domain:
        tx.domain = reader.record(context.domain)
    if context.stop is not None:
        tx.stop = reader.part(context.stop)
    tx.operations_left, tx.open_generators = context.operations_left, context.open_generators
    return stack, reader.pending(context), reader.travelled, context.mark


class _Reader:
    """Turns parts into what they stand for.

    Attributes:
        travelled: the record and the instance of each entity that came along.
    """

    __slots__ = ("_codec", "travelled")

    def __init__(self, codec: RuntimeCodec, travelling: list[Travelling]) -> None:
        self._codec = codec
        travelled: list[tuple[Record, Any]] = []
        self.travelled = travelled
        has_slots = codec.flow.has_slots
        linked: list[tuple[type, Any, dict[str, Any]]] = []
        for entity in travelling:
            cls, state = codec.find_class(entity.class_name), entity.state
            instance: Any = None
            if state is not None:
                instance = object.__new__(cls)
                if _are_scalars(map(type, state.values())):
                    fill_state(instance, state, has_slots=has_slots[cls])
                else:
                    linked.append((cls, instance, state))
            travelled.append((codec.store.record_of(cls, entity.key), instance))
        if len(travelling) > 1 and len({record for record, _ in travelled}) < len(travelling):
            raise MalformedBytes("SF511: an entity comes twice")
        # An entity may hold another one, or itself, so that all are there before these are filled.
        for cls, instance, state in linked:
            fill_state(instance, {name: self.part(value) for name, value in state.items()}, has_slots=has_slots[cls])

    def part(self, value: Any) -> Any:
        if type(value) is not tuple:
            return value
        match value:
            case (str() as class_name, key):
                return self._codec.find_reference(class_name, key)
            case (None,):
                return UNBOUND
            case (number,) if type(number) is int and 0 < number <= len(self.travelled) and self.travelled[number - 1][1] is not None:
                return self.travelled[number - 1][1]
        raise MalformedBytes("SF511: a value that is no reference and no entity that came along")

    def _parts(self, values: list[Any]) -> tuple[Any, ...]:
        return tuple(values if _are_scalars(map(type, values)) else map(self.part, values))

    def record(self, number: int) -> Record:
        if 0 < number <= len(self.travelled):
            return self.travelled[number - 1][0]
        raise MalformedBytes("SF511: an entity that did not come along")

    def add_frames(self, stack: list[Any], frames: list[Suspended]) -> None:
        for frame in frames:
            caller, callee, variables = frame.caller, frame.callee, frame.variables
            if callee:
                stack.append(CallBoundary(self.record(caller) if caller else None, self.record(callee)))
            elif caller:
                raise MalformedBytes("SF511: a call of no entity")
            code = self._codec.code_of_frame(frame.name, frame.digest)
            stack.append(Frame(code, frame.pc, self._parts(variables) if variables else ()))

    def pending(self, context: Context) -> Any:
        operation, args, kwargs = context.operation, context.args, context.kwargs
        given = [self.part(value) if type(value) is tuple else value for value in context.given]
        if operation != _CALL:
            if args or kwargs:
                raise MalformedBytes("SF511: arguments of no call")
            return (operation, tuple(given)) if operation else None
        named = {name: self.part(value) for name, value in kwargs.items()} if kwargs else kwargs
        return operation, (*given, self._parts(args) if args else (), named)
