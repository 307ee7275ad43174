"""The topic that says which classes a job has, so that a client with others is told so when it connects."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import msgspec
from confluent_kafka import Producer, TopicPartition

from stateflow.client.kafka.connections import connection, log, reading
from stateflow.client.kafka.offsets import offsets_of
from stateflow.client.signatures import Signatures, differences
from stateflow.errors import BrokerUnreachable, ClassesDiffer
from stateflow.limits import RECORD_BYTES

if TYPE_CHECKING:
    from confluent_kafka import Consumer

    from stateflow.client.kafka.topics import Topics
    from stateflow.options import KafkaOptions

__all__ = ["check_classes", "read_classes", "write_classes"]

_KEY: Final = b"classes"
_decode = msgspec.msgpack.Decoder(Signatures).decode


def write_classes(options: KafkaOptions, topics: Topics, signatures: Signatures) -> None:
    """Note what clients may call.

    Raises:
        BrokerUnreachable: no broker took it in time.
    """
    producer = Producer({**connection(options), "message.max.bytes": RECORD_BYTES}, logger=log)
    producer.produce(topics.classes, msgspec.msgpack.encode(signatures), _KEY, partition=0)
    if producer.flush(options.delivery_timeout_s):
        raise BrokerUnreachable(options.brokers, options.delivery_timeout_s, f"{topics.classes} was not written")


def read_classes(options: KafkaOptions, topics: Topics) -> Signatures | None:
    """Return what was noted last; None when nothing was, or something else.

    Raises:
        BrokerUnreachable: no broker answers in time.
    """
    with reading(options) as consumer:
        place = TopicPartition(topics.classes, 0)
        first, end = offsets_of(consumer, place, options)
        if end == first:
            return None
        # The log cleaner keeps the last record of a key.
        place.offset = end - 1
        consumer.assign([place])
        data = _read(consumer, options)
    try:
        return _decode(data)
    except (ValueError, RecursionError) as error:
        log.warning("the record of %s cannot be read, so classes are not compared: %s", topics.classes, error)
        return None


def _read(consumer: Consumer, options: KafkaOptions) -> bytes:
    end_s = time.monotonic() + options.connect_timeout_s
    while (left_s := end_s - time.monotonic()) > 0:
        record = consumer.poll(left_s)
        # Other answers are about the group, which a consumer without rights on it does not use.
        if record is not None and record.error() is None:
            return record.value() or b""
    raise BrokerUnreachable(options.brokers, options.connect_timeout_s, f"no record of {options.application}.classes came")


def check_classes(options: KafkaOptions, topics: Topics, ours: Signatures) -> None:
    """Compare a client's classes with those of the job that was started last, if any was.

    Raises:
        ClassesDiffer: the job lacks what the client could call, has it with other parameters, or keeps its entities elsewhere.
        BrokerUnreachable: no broker answers in time.
    """
    theirs = read_classes(options, topics)
    found = () if theirs is None else differences(ours, theirs)
    if found:
        raise ClassesDiffer(options.application, found)
