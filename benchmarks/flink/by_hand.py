"""A job that somebody would write by hand for one purpose: a counter per key, over the same kinds of topics, with replies.

A record holds a batch of requests, `[request id, key]`, for one partition; the job keeps one count per key and answers with the batch of
counts. It has no transactions, no classes, and drops no duplicates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from pyflink.common import Row, Types
from pyflink.datastream import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.functions import KeySelector
from pyflink.datastream.state import MapStateDescriptor

from benchmarks.flink.submitting import submit
from stateflow.client.kafka.topics import record_key
from stateflow.runtime.flink.keys import place_keys
from stateflow.runtime.flink.operator import ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyflink.datastream import DataStream

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[int, list[tuple[str, str]]]).decode


class PartitionSelector(KeySelector):
    """Says which partition a record is for."""

    def __init__(self, keys: tuple[int, ...]) -> None:
        self._keys = keys

    def get_key(self, value: bytes) -> int:
        """Return its key in Flink."""
        return self._keys[_decode(bytes(value))[0]]


class Counting(KeyedProcessFunction):
    """Counts calls for each key."""

    def open(self, runtime_context: RuntimeContext) -> None:
        """Take hold of the state."""
        self._counts = runtime_context.get_map_state(MapStateDescriptor("counts", Types.STRING(), Types.PICKLED_BYTE_ARRAY()))
        self._reply_key = record_key(0, 1)

    def process_element(self, value: bytes, ctx: KeyedProcessFunction.Context) -> Iterator[Any]:
        """Count the requests of one record and answer them."""
        _, requests = _decode(bytes(value))
        changed: dict[str, bytes] = {}
        replies = []
        for request_id, key in requests:
            found = changed.get(key) or self._counts.get(key)
            count = (0 if found is None else int.from_bytes(found, "little")) + 1
            changed[key] = count.to_bytes(8, "little")
            replies.append((request_id, count))
        self._counts.put_all(changed)
        yield Row(self._reply_key, _encode(replies))


def main() -> None:
    """Submit the job."""
    # Workers import the functions from there, and not from the program that is run.
    from benchmarks.flink import by_hand

    def counted(log: DataStream, partitions: int) -> DataStream:
        return log.key_by(by_hand.PartitionSelector(place_keys(partitions)), Types.INT()).process(by_hand.Counting(), ROWS)

    submit(by_hand, counted)


if __name__ == "__main__":
    main()
