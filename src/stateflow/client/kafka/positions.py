"""How far a job is in its log: what its checkpoints have noted on the broker, and where the log was at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confluent_kafka import TopicPartition

from stateflow.client.kafka.connections import reading
from stateflow.client.kafka.offsets import offsets_of
from stateflow.client.kafka.topics import group_of, log_partitions

if TYPE_CHECKING:
    from stateflow.client.kafka.topics import Topics
    from stateflow.options import KafkaOptions

__all__ = ["noted_positions", "positions_at"]


def noted_positions(options: KafkaOptions, topics: Topics) -> dict[int, int]:
    """Return, for each partition of the log that the job has noted, the offset that its last checkpoint goes on at.

    Raises:
        BrokerUnreachable: no broker answers in time.
    """
    with reading(options, group_of(options)) as consumer:
        noted = consumer.committed(log_partitions(topics), timeout=options.connect_timeout_s)
    return {place.partition: place.offset for place in noted if place.offset >= 0}


def positions_at(options: KafkaOptions, topics: Topics, time_ms: int) -> dict[int, int]:
    """Return, for each partition of the log, the offset of the first record after a time, or its end when there is none.

    Args:
        options: where the brokers are.
        topics: whose log.
        time_ms: milliseconds since 1970, of the brokers' clocks.

    Raises:
        BrokerUnreachable: no broker answers in time.
    """
    with reading(options) as consumer:
        ends = {place.partition: offsets_of(consumer, place, options)[1] for place in log_partitions(topics)}
        asked = [TopicPartition(topics.log, number, time_ms) for number in ends]
        found = consumer.offsets_for_times(asked, timeout=options.connect_timeout_s)
    # Those that have been written since the ends were asked for count as later too.
    return {place.partition: min(place.offset, ends[place.partition]) if place.offset >= 0 else ends[place.partition] for place in found}
