"""A job that somebody would write by hand for one purpose: a counter per key, over the same kinds of topics, with replies.

A record holds a batch of requests, `[request id, key]`, for one partition; the job keeps one count per key and answers with the batch of
counts. It has no transactions, no classes, and drops no duplicates.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import msgspec
from pyflink.common import Row, Types, WatermarkStrategy
from pyflink.datastream import KeyedProcessFunction, RuntimeContext
from pyflink.datastream.functions import KeySelector
from pyflink.datastream.state import MapStateDescriptor

from stateflow.client.kafka.topics import open_topics, record_key
from stateflow.options import FlinkOptions, KafkaOptions
from stateflow.runtime.flink.connectors import log_source, record_sink
from stateflow.runtime.flink.environments import remote_environment
from stateflow.runtime.flink.job_settings import job_settings
from stateflow.runtime.flink.keys import place_keys
from stateflow.runtime.flink.operator import ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    """Submit the job: `BROKERS JOBMANAGER [NAME=VALUE ...]`, with settings of Flink."""
    brokers, jobmanager, *settings = sys.argv[1:]
    kafka = KafkaOptions(brokers=brokers, application="by_hand", reply_partitions=1)
    options = FlinkOptions(kafka=kafka, settings=dict(each.split("=", 1) for each in settings))
    # Workers import the functions from there, and not from the program that is run.
    from benchmarks.flink import by_hand

    environment = remote_environment(jobmanager, job_settings(options, [by_hand.__name__]))
    topics = open_topics(options.kafka)
    source = log_source(brokers, topics.log, topics.partitions, {}, "by_hand")
    log = environment.from_source(source, WatermarkStrategy.no_watermarks(), "log", Types.PRIMITIVE_ARRAY(Types.BYTE()))
    counted = log.key_by(by_hand.PartitionSelector(place_keys(topics.partitions)), Types.INT()).process(by_hand.Counting(), ROWS)
    counted.sink_to(record_sink(brokers, topics.replies, {}))
    print(environment.execute_async("by hand").get_job_id())


if __name__ == "__main__":
    main()
