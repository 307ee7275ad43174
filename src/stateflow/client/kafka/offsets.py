"""Where a partition begins and ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from confluent_kafka import KafkaException

from stateflow.client.kafka.refusals import is_denied, refusal

if TYPE_CHECKING:
    from confluent_kafka import Consumer, KafkaError, TopicPartition

    from stateflow.options import KafkaOptions

__all__ = ["offsets_of"]

_RETRY_S: Final = 0.05
_ASK_S: Final = 1.0


def offsets_of(consumer: Consumer, partition: TopicPartition, options: KafkaOptions) -> tuple[int, int]:
    """Return the offset of the first record of a partition, and the one after its last.

    Raises:
        BrokerUnreachable: the broker did not say so in time.
        AccessRefused: the user may not see it.
    """
    deadline_s = time.monotonic() + options.connect_timeout_s
    while True:
        try:
            first, end = consumer.get_watermark_offsets(partition, timeout=options.connect_timeout_s)
            return first, end
        except KafkaException as error:
            reason = error.args[0] if is_denied(error.args[0]) else _denial(consumer, partition.topic) or error.args[0]
            if time.monotonic() > deadline_s or is_denied(reason):
                raise refusal(options, reason) from None
            # A topic that has just been made has no leader for a moment.
            time.sleep(_RETRY_S)


def _denial(consumer: Consumer, topic: str) -> KafkaError | None:
    """Return that the user may not see a topic, if that is so: partitions that nobody may see are also said to be unknown."""
    try:
        found = consumer.list_topics(topic, timeout=_ASK_S).topics[topic].error
    except KafkaException:
        return None
    return found if found is not None and is_denied(found) else None
