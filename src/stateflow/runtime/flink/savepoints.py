"""What a savepoint says of the log: from where on its records are still needed."""

from __future__ import annotations

import logging
import struct
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["log_positions", "misfit"]

log: Final = logging.getLogger("stateflow.flink")
_SOURCE_STATE: Final = "SourceReaderState"


def log_positions(savepoint: str) -> dict[int, int] | None:
    """Return the offset of each partition of the log at which a savepoint goes on; None where it cannot be read from here.

    Flink's own classes read it, in the Java machine of PyFlink: its storage may be one that only the cluster reaches.

    Args:
        savepoint: its folder, as Flink writes it.
    """
    from py4j.protocol import Py4JError

    try:
        return dict(_positions(savepoint))
    except (Py4JError, ValueError, struct.error) as error:
        log.warning("the savepoint %s cannot be read from here, so it is not compared with the log: %s", savepoint, str(error)[:500])
        return None


def misfit(positions: Mapping[int, int], ranges: Mapping[int, tuple[int, int]]) -> str:
    """Return why a state cannot go on with a log; nothing when it can.

    Args:
        positions: the offset at which each partition goes on.
        ranges: the offset of the first record in each partition of the log, and the one after its last.
    """
    if positions.keys() != ranges.keys():
        return f"it was made over a log of {len(positions)} partitions, and the log has {len(ranges)}"
    for partition, position in sorted(positions.items()):
        first, end = ranges[partition]
        if position < first:
            return f"it needs partition {partition} of the log from offset {position} on, and the broker has deleted what is before {first}"
        if position > end:
            return f"it goes on at offset {position} of partition {partition}, where the log ends at {end}: it was made over another log"
    return ""


def _positions(savepoint: str) -> Iterator[tuple[int, int]]:
    from pyflink.java_gateway import get_gateway

    jvm = get_gateway().jvm
    runtime = jvm.org.apache.flink.runtime
    location = runtime.state.filesystem.AbstractFsCheckpointStorageAccess.resolveCheckpointPointer(savepoint)
    stream = jvm.java.io.DataInputStream(location.getMetadataHandle().openInputStream())
    try:
        loader = jvm.java.lang.Thread.currentThread().getContextClassLoader()
        metadata = runtime.checkpoint.Checkpoints.loadCheckpointMetadata(stream, loader, savepoint)
    finally:
        stream.close()
    for operator in metadata.getOperatorStates().toArray():
        for part in operator.getStates().toArray():
            for handle in part.getManagedOperatorState().toArray():
                yield from _splits(handle, jvm)


def _splits(handle: Any, jvm: Any) -> Iterator[tuple[int, int]]:
    """Yield partition and offset of each part of the log that one reader had."""
    offsets = handle.getStateNameToPartitionOffsets()
    if not offsets.containsKey(_SOURCE_STATE):
        return
    stream = handle.openInputStream()
    try:
        data = jvm.org.apache.commons.io.IOUtils.toByteArray(stream)
    finally:
        stream.close()
    for offset in offsets.get(_SOURCE_STATE).getOffsets():
        yield read_split(bytes(data), int(offset))


def read_split(data: bytes, offset: int) -> tuple[int, int]:
    """Return partition and offset out of what Flink's Kafka connector writes of a split.

    Before it are the sizes and the version that Flink adds; after the topic's name come partition, first and last offset.
    """
    _, _, _, topic_bytes = struct.unpack_from(">iiiH", data, offset)
    partition, position = struct.unpack_from(">iq", data, offset + 14 + topic_bytes)
    return partition, position
