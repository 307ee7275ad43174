"""The states of entities in one store, each with the version of its class that wrote it; those of other versions are taken over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.core.entity_codec import EntityCodec
from stateflow.errors import FrameOfOtherCode, MalformedBytes
from stateflow.protocol.client_values import ClassNames, reference_shapes
from stateflow.protocol.values import ValueCodec

if TYPE_CHECKING:
    from stateflow.core.runtime_codec import RuntimeCodec
    from stateflow.core.store import Store
    from stateflow.dataflow.history import History

__all__ = ["StoredStates"]


class StoredStates:
    """Reads and writes the states of one store, whatever keeps their bytes.

    Args:
        store: the entities in memory.
        codec: the codec of the store.
        history: the versions that have written to what keeps the bytes.

    Attributes:
        values: the codec for other values that are kept there, such as replies.
        encode: `EntityCodec.encode`.
        encode_quickly: `EntityCodec.encode_quickly`.
    """

    def __init__(self, store: Store, codec: RuntimeCodec, history: History) -> None:
        self._history = history
        names = ClassNames(history.stored_name, history.class_named)
        references = reference_shapes(store.flow, store.references, names)
        self.values = ValueCodec(store.flow.values, {**codec.crossing.own_shapes, **references}, reads_older=True)
        self._codec = EntityCodec(store.flow, {**codec.state_shapes, **references})
        self.encode = self._codec.encode
        self.encode_quickly = self._codec.encode_quickly

    def read(self, cls: type, key: object, version: int, data: bytes) -> tuple[Any, bytes]:
        """Return the instance that a state holds, and the state as `encode` writes it now.

        What an upgrade makes counts as stored: where these bytes are compared, the entity has changed only when a method changes it.

        Raises:
            UpgradeFailed: another version wrote the state, and the class cannot take it over.
            MalformedBytes: the bytes are not a state of the class.
            FrameOfOtherCode: it holds a suspended method of other code.
            DatabaseDamaged: the store does not know the version.
        """
        source = self._history.source(cls, version)
        if source is not None:
            return self._codec.upgrade(cls, key, data, source)
        try:
            return self._codec.decode(cls, data), data
        except (MalformedBytes, FrameOfOtherCode) as error:
            raise type(error)(f"{error}; this is in the state of {cls.__qualname__}({key!r})") from error
