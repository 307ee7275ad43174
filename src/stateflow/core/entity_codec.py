"""The states of entities as they rest in a database.

In bytes a state is *flat*, one byte and a MessagePack map, where all attributes are plain scalars (most entities, and ten times as fast);
or a *tree* (`stateflow.protocol.trees`), with references, tuples and lists of scalars or of objects of scalars, each held once; or an
object graph of the value codec: other entities as references, the entity itself as itself, sharing kept.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

import msgspec

from stateflow.core.store import fill_state, get_state, set_state
from stateflow.core.upgrade import upgrade_failure, upgrade_instance
from stateflow.errors import FrameOfOtherCode, LimitExceeded, MalformedBytes, UnstorableValue
from stateflow.limits import VALUE_BYTES
from stateflow.protocol.atoms import INLINE
from stateflow.protocol.shapes import alternating_names
from stateflow.protocol.states import FLAT, TREE
from stateflow.protocol.trees import TreeCodec
from stateflow.protocol.values import Shape, ValueCodec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stateflow.dataflow import Dataflow
    from stateflow.dataflow.schema import ClassVersion

__all__ = ["EntityCodec"]

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(dict[str, Any]).decode
_is_flat: Final = INLINE.issuperset
_are_names: Final = frozenset({str}).issuperset


class EntityCodec:
    """Writes the state of one entity at a time, and makes its instance again.

    Args:
        flow: the compiled classes.
        shapes: how the values of one store are taken apart; those of entity instances are replaced.
    """

    def __init__(self, flow: Dataflow, shapes: Mapping[type, Shape]) -> None:
        self._flow = flow
        self._slotted = flow.has_slots
        self._shapes = {**shapes, **{cls: self._shape(cls, cls.__qualname__) for cls in flow.classes}}
        self._codec = ValueCodec(flow.values, self._shapes, reads_older=True)
        values = flow.values
        self._trees = TreeCodec(values.shapes, self._shapes, values.constant_names, self._codec.shape_of_tag)
        self._former_codecs: dict[tuple[type, str], ValueCodec] = {}
        self._root: Any = None
        self._read: dict[str, Any] | None = None

    def encode(self, instance: Any) -> bytes:
        """Return the state of an entity as bytes.

        Raises:
            UnstorableValue: it holds something that cannot be stored; the error names the path.
            LimitExceeded: it is too large.
        """
        return self.encode_quickly(instance) or self._encode_graph(instance)

    def encode_quickly(self, instance: Any) -> bytes | None:
        """Return the state of an entity as bytes, if it is flat or a tree.

        Raises:
            LimitExceeded: it is too large.
        """
        cls = type(instance)
        state = get_state(instance) if self._slotted[cls] else instance.__dict__
        if not _are_names(map(type, state)):
            return None  # `vars(self)` takes any key
        try:
            data = FLAT + _encode(state) if _is_flat(map(type, state.values())) else self._trees.encode(state)
        except (OverflowError, UnicodeEncodeError):
            return None
        size = 0 if data is None else len(data) - len(FLAT)
        if size > VALUE_BYTES:
            raise LimitExceeded(f"SF530: {cls.__name__} takes {size} bytes, more than {VALUE_BYTES}; split it over several entities")
        return data

    def _encode_graph(self, instance: Any) -> bytes:
        self._root = instance
        try:
            return self._codec.encode(instance, type(instance).__name__)
        finally:
            self._root = None

    def decode(self, cls: type, data: bytes) -> Any:
        """Return an instance of `cls` with the state that `encode` wrote.

        Raises:
            MalformedBytes: the bytes are not the state of an entity of this class.
        """
        state = self._attributes(data)
        if state is None:
            return _decode_graph(self._codec, cls, data)
        instance: Any = object.__new__(cls)
        fill_state(instance, state, has_slots=self._slotted[cls])
        return instance

    def _attributes(self, data: bytes) -> dict[str, Any] | None:
        """Return what a flat state or a tree holds; None for an object graph."""
        if data[:1] == FLAT:
            return _decode_flat(data)
        return self._trees.decode(data) if data[:1] == TREE else None

    def refill(self, instance: Any, data: bytes) -> None:
        """Give an instance the flat state that `encode` wrote for it, and no other attributes.

        Raises:
            MalformedBytes: the bytes are not the state of an entity of this class.
        """
        state = _decode_flat(data)
        if self._slotted[type(instance)]:
            set_state(instance, state)
        else:
            own = instance.__dict__
            own.clear()
            own.update(state)

    def upgrade(self, cls: type, key: object, data: bytes, stored: ClassVersion) -> tuple[Any, bytes]:
        """Return an instance made of the state that another version of `cls` wrote, and its own state as `encode` writes it.

        Raises:
            UpgradeFailed: the class cannot take the state over.
        """
        schema = self._flow.schema(cls)
        try:
            instance, state = self._decode_apart(cls, stored.class_name, data)
            upgrade_instance(instance, key, state, schema, stored)
            written = self.encode(instance)
            # So that methods find the very objects that they would find had the entity been written and loaded again.
            return self.decode(cls, written), written
        except (MalformedBytes, UnstorableValue, LimitExceeded, FrameOfOtherCode) as error:
            raise upgrade_failure(schema, key, stored, str(error)) from error

    def _decode_apart(self, cls: type, class_name: str, data: bytes) -> tuple[Any, dict[str, Any]]:
        """Return an instance without attributes, and the attributes that the bytes hold."""
        state = self._attributes(data)
        if state is not None:
            return object.__new__(cls), state
        self._read = {}
        try:
            return _decode_graph(self._former_codec(cls, class_name), cls, data), self._read
        finally:
            self._read = None

    def _former_codec(self, cls: type, class_name: str) -> ValueCodec:
        """Return the codec for states that were written when a class had another name."""
        codec = self._former_codecs.get((cls, class_name))
        if codec is None:
            # Another class may have the name now; in a state it is the entity's own.
            shapes = {other: shape for other, shape in self._shapes.items() if other not in self._slotted}
            codec = ValueCodec(self._flow.values, {**shapes, cls: self._shape(cls, class_name)}, reads_older=True)
            self._former_codecs[cls, class_name] = codec
        return codec

    def _shape(self, cls: type, class_name: str) -> Shape:
        def flatten(instance: Any) -> list[Any]:
            if instance is not self._root:
                raise UnstorableValue("", "it is a plain object of an entity class; create it through the class in a method")
            return [part for pair in get_state(instance).items() for part in pair]

        def fill(instance: Any, parts: Any) -> None:
            state = dict(zip(parts[::2], parts[1::2], strict=True))
            if self._read is None:
                fill_state(instance, state, has_slots=self._slotted[cls])
            else:
                self._read.update(state)

        return Shape(
            f"entity {class_name}",
            flatten,
            new=functools.partial(object.__new__, cls),
            fill=fill,
            names=alternating_names(lambda instance: list(get_state(instance))),
            deep=True,
        )


def _decode_graph(codec: ValueCodec, cls: type, data: bytes) -> Any:
    made = codec.decode(data)
    if type(made) is not cls:
        raise MalformedBytes(f"SF511: these bytes are not the state of an entity of {cls.__name__}")
    return made


def _decode_flat(data: bytes) -> dict[str, Any]:
    try:
        state = _decode(data[1:])
    except msgspec.MsgspecError as error:
        raise MalformedBytes(f"SF511: {error}") from error
    if not _is_flat(map(type, state.values())):
        raise MalformedBytes("SF511: a scalar that StateFlow does not write")
    return state
