"""Replies on their way back: one partition of the topic of replies, read from where it ended when the client was made."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from confluent_kafka import KafkaError, TopicPartition

from stateflow.client.kafka.connections import log, open_consumer
from stateflow.client.kafka.offsets import offsets_of
from stateflow.errors import MalformedBytes, StateflowError
from stateflow.protocol.bundles import envelopes_of
from stateflow.protocol.steps import Answer, decode_envelope, read_outside

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stateflow.options import KafkaOptions

__all__ = ["ReplyReader"]

_POLL_S: Final = 0.2


class ReplyReader:
    """Reads the replies of one client, in a thread of its own.

    Args:
        options: where the brokers are.
        topic: the topic of replies.
        partition: the one that this client's name says.
        client: the name of the client; replies to others are left alone.
        on_answers: gets the answers of one record, and the name of the place that sent them.
        on_turn: called often, also while no answer comes.

    Raises:
        BrokerUnreachable: no broker said in time where the partition ends.
        AccessRefused: the user may not see it.
    """

    def __init__(
        self,
        options: KafkaOptions,
        topic: str,
        partition: int,
        client: str,
        on_answers: Callable[[str, Sequence[Answer]], object],
        on_turn: Callable[[], object],
    ) -> None:
        self._client = client
        self._on_answers = on_answers
        self._on_turn = on_turn
        self._closing = threading.Event()
        self._consumer = open_consumer(options, client, **{"fetch.wait.max.ms": 100})
        try:
            _, end = offsets_of(self._consumer, TopicPartition(topic, partition), options)
        except StateflowError:
            self._consumer.close()
            raise
        self._consumer.assign([TopicPartition(topic, partition, end)])
        self._thread = threading.Thread(target=self._serve, name="stateflow-kafka-replies", daemon=True)
        self._thread.start()

    def close(self, timeout_s: float) -> None:
        """Read no more."""
        self._closing.set()
        self._thread.join(timeout_s)

    def _serve(self) -> None:
        while not self._closing.is_set():
            record = self._consumer.poll(_POLL_S)
            self._on_turn()
            if record is None:
                continue
            if (error := record.error()) is not None:
                # librdkafka looks for the coordinator of a group that is named only because it wants a name.
                if error.code() != KafkaError.GROUP_AUTHORIZATION_FAILED:
                    log.warning("replies: %s", error.str())
            else:
                self._read(record.value() or b"")
        self._consumer.close()

    def _read(self, data: bytes) -> None:
        try:
            if read_outside(data).target != self._client:
                return
            envelopes = [decode_envelope(each) for each in envelopes_of(data)]
        except MalformedBytes:
            log.warning("a record of %d bytes among the replies is none, and is left out", len(data))
            return
        answers = [message for envelope in envelopes for message in envelope.messages if isinstance(message, Answer)]
        self._on_answers(envelopes[0].source, answers)
