"""A job as most would write it by hand: one request a record, keyed by the entity, one counter in a `ValueState`, one reply a record.

Like the job that batches it has no transactions, no classes, and drops no duplicates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from pyflink.common import Row, Types
from pyflink.datastream import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.functions import KeySelector
from pyflink.datastream.state import ValueStateDescriptor

from benchmarks.flink.submitting import submit
from stateflow.client.kafka.topics import record_key
from stateflow.runtime.flink.operator import ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyflink.datastream import DataStream

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[str, str]).decode


class EntitySelector(KeySelector):
    """Says which entity a record is for."""

    def get_key(self, value: bytes) -> str:
        """Return its key."""
        return _decode(bytes(value))[1]


class Counting(KeyedProcessFunction):
    """Counts calls of the entity."""

    def open(self, runtime_context: RuntimeContext) -> None:
        """Take hold of the state."""
        self._count = runtime_context.get_state(ValueStateDescriptor("count", Types.LONG()))
        self._reply_key = record_key(0, 1)

    def process_element(self, value: bytes, ctx: KeyedProcessFunction.Context) -> Iterator[Any]:
        """Count the request and answer it."""
        count = (self._count.value() or 0) + 1
        self._count.update(count)
        yield Row(self._reply_key, _encode((_decode(bytes(value))[0], count)))


def main() -> None:
    """Submit the job."""
    # Workers import the functions from there, and not from the program that is run.
    from benchmarks.flink import by_hand_each

    def counted(log: DataStream, _: int) -> DataStream:
        return log.key_by(by_hand_each.EntitySelector(), Types.STRING()).process(by_hand_each.Counting(), ROWS)

    submit(by_hand_each, counted)


if __name__ == "__main__":
    main()
