"""The dead letters of an application, as its topic has them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from confluent_kafka import TopicPartition

from stateflow.client.kafka.connections import reading
from stateflow.client.kafka.offsets import offsets_of
from stateflow.client.kafka.rights import Role
from stateflow.client.kafka.topics import open_topics
from stateflow.core.dead_letters import decode_letter

if TYPE_CHECKING:
    from confluent_kafka import Consumer

    from stateflow.core.dead_letters import DeadLetter
    from stateflow.options import KafkaOptions

__all__ = ["read_dead_letters"]

_READ_AT_ONCE: Final = 500


def read_dead_letters(options: KafkaOptions) -> list[DeadLetter]:
    """Return what the places of an application could not handle, the oldest first.

    Raises:
        BrokerUnreachable: no broker answers in time.
        AccessRefused: the brokers do not let this user in, or do not let it read them.
        TopicRefused: a topic cannot be used.
    """
    place = TopicPartition(open_topics(options, Role.READER_OF_DEAD_LETTERS).dead_letters, 0, 0)
    with reading(options) as consumer:
        first, end = offsets_of(consumer, place, options)
        place.offset = first
        consumer.assign([place])
        return _read(consumer, end, time.monotonic() + options.connect_timeout_s) if end > first else []


def _read(consumer: Consumer, end: int, deadline_s: float) -> list[DeadLetter]:
    letters: list[DeadLetter] = []
    while time.monotonic() < deadline_s:
        for record in consumer.consume(_READ_AT_ONCE, 1.0):
            if record.error() is None:
                letters.append(decode_letter(record.value() or b""))
                if (record.offset() or 0) + 1 >= end:
                    return letters
    return letters
