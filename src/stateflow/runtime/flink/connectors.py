"""Flink's ends in Kafka: the source of the log, and the sinks to the log and to the replies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyflink.common.serialization import ByteArraySchema, RowFieldExtractorSchema
from pyflink.datastream.connectors.base import DeliveryGuarantee
from pyflink.datastream.connectors.kafka import (
    KafkaOffsetResetStrategy,
    KafkaOffsetsInitializer,
    KafkaRecordSerializationSchema,
    KafkaSink,
    KafkaSource,
    KafkaTopicPartition,
)

from stateflow.limits import RECORD_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["log_source", "record_sink"]


def log_source(brokers: str, topic: str, partitions: int, settings: Mapping[str, str], group: str) -> KafkaSource:
    """Return the source of a log. A job without state begins at the log's beginning, so that it misses no request.

    Args:
        brokers: where the brokers are.
        topic: the log.
        partitions: how many it has.
        settings: further settings of Java's client.
        group: under which name the offsets of each checkpoint are noted on the broker. The job itself does not read them.
    """
    beginning = {KafkaTopicPartition(topic, number): 0 for number in range(partitions)}
    builder = (
        KafkaSource.builder()
        .set_bootstrap_servers(brokers)
        .set_topics(topic)
        # Where the broker has deleted what comes next, the job fails: going on with what is left would miss requests.
        .set_starting_offsets(KafkaOffsetsInitializer.offsets(beginning, KafkaOffsetResetStrategy.NONE))
        .set_value_only_deserializer(ByteArraySchema())
        # Partitions are never added, and looking for them costs.
        .set_property("partition.discovery.interval.ms", "-1")
        .set_property("group.id", group)
        .set_property("commit.offsets.on.checkpoint", "true")
        .set_property("fetch.max.wait.ms", "100")
        .set_property("max.partition.fetch.bytes", str(RECORD_BYTES))
    )
    for name, value in settings.items():
        builder = builder.set_property(name, value)
    return builder.build()


def record_sink(brokers: str, topic: str, settings: Mapping[str, str]) -> KafkaSink:
    """Return the sink to a topic: rows of a key, which says the partition, and a value."""
    serializer = (
        KafkaRecordSerializationSchema.builder()
        .set_topic(topic)
        .set_key_serialization_schema(RowFieldExtractorSchema(0))
        .set_value_serialization_schema(RowFieldExtractorSchema(1))
        .build()
    )
    builder = (
        KafkaSink.builder()
        .set_bootstrap_servers(brokers)
        .set_record_serializer(serializer)
        .set_delivery_guarantee(DeliveryGuarantee.AT_LEAST_ONCE)
        .set_property("linger.ms", "0")
        .set_property("acks", "all")
        .set_property("enable.idempotence", "true")
        # What comes while a request is under way shares the next one, and the request is what costs.
        .set_property("max.in.flight.requests.per.connection", "1")
        .set_property("max.request.size", str(RECORD_BYTES))
    )
    for name, value in settings.items():
        builder = builder.set_property(name, value)
    return builder.build()
