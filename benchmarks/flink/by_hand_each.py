"""A job as most would write it by hand: one request a record, keyed by the entity, one counter in a `ValueState`, one reply a record.

Like the job that batches it has no transactions, no classes, and drops no duplicates.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import msgspec
from pyflink.common import Row, Types, WatermarkStrategy
from pyflink.datastream import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.functions import KeySelector
from pyflink.datastream.state import ValueStateDescriptor

from stateflow.client.kafka.topics import open_topics, record_key
from stateflow.options import FlinkOptions, KafkaOptions
from stateflow.runtime.flink.connectors import log_source, record_sink
from stateflow.runtime.flink.environments import remote_environment
from stateflow.runtime.flink.job_settings import job_settings
from stateflow.runtime.flink.operator import ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    """Submit the job: `BROKERS JOBMANAGER [NAME=VALUE ...]`, with settings of Flink."""
    brokers, jobmanager, *settings = sys.argv[1:]
    kafka = KafkaOptions(brokers=brokers, application="by_hand_each", reply_partitions=1)
    options = FlinkOptions(kafka=kafka, settings=dict(each.split("=", 1) for each in settings))
    # Workers import the functions from there, and not from the program that is run.
    from benchmarks.flink import by_hand_each

    environment = remote_environment(jobmanager, job_settings(options, [by_hand_each.__name__]))
    topics = open_topics(options.kafka)
    source = log_source(brokers, topics.log, topics.partitions, {}, "by_hand_each")
    log = environment.from_source(source, WatermarkStrategy.no_watermarks(), "log", Types.PRIMITIVE_ARRAY(Types.BYTE()))
    counted = log.key_by(by_hand_each.EntitySelector(), Types.STRING()).process(by_hand_each.Counting(), ROWS)
    counted.sink_to(record_sink(brokers, topics.replies, {}))
    print(environment.execute_async("by hand each").get_job_id())


if __name__ == "__main__":
    main()
