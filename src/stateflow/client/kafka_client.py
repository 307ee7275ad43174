"""The client of engines that are reached through Kafka: Flink and Beam."""

from __future__ import annotations

import random
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any

import msgspec

from stateflow.client.base import StateflowClient
from stateflow.client.future import StateflowFuture
from stateflow.client.kafka.replies import ReplyReader
from stateflow.client.kafka.sending import Sender
from stateflow.client.kafka.topics import client_name, connection, log, open_topics
from stateflow.core.placement import PartitionPlacement
from stateflow.errors import ClientClosed, OutcomeUnknown
from stateflow.limits import RECORD_BYTES
from stateflow.options import KafkaOptions
from stateflow.protocol.client_values import ClientValues

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from stateflow.dataflow import Dataflow
    from stateflow.protocol.messages import Request
    from stateflow.protocol.steps import Answer

__all__ = ["StateflowClient", "StateflowFuture", "StateflowKafkaClient"]


class StateflowKafkaClient(StateflowClient):
    """Reach the entities of a dataflow that runs behind Kafka.

    ```py
    client = StateflowKafkaClient(flow, brokers="localhost:9092")
    ann = User("ann").get()
    ```

    Args:
        flow: the compiled classes.
        brokers: where the brokers are, `host:port`, several with commas.
        statefun_mode: the engine is Flink Stateful Functions, where each entity is a place of its own.
        bind: bind the classes to this client now.
        options: the application's name, topics, time-outs; what else is given here goes first.
        settings: settings of librdkafka for every connection, such as `security.protocol`.
        clock: the time of a request, in nanoseconds since 1970.

    Raises:
        BrokerUnreachable: no broker answers in time.
        TopicRefused: a topic has settings that would break what StateFlow promises.
        MissingExtra: confluent-kafka is not installed.
    """

    def __init__(
        self,
        flow: Dataflow,
        brokers: str | None = None,
        statefun_mode: bool = False,
        *,
        bind: bool = True,
        options: KafkaOptions | None = None,
        settings: Mapping[str, str] | None = None,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._options = _options(options or KafkaOptions(), brokers, settings)
        self._topics = open_topics(self._options)
        identity = uuid.uuid4().hex
        reply_partition = random.randrange(self._topics.reply_partitions)
        self.name = client_name(reply_partition, identity)
        self._placement = self.placement(self._topics.partitions)
        self._lock = threading.Lock()
        self._room = threading.Semaphore(self._options.outstanding_requests)
        # In the order of their deadlines, as all wait equally long.
        self._waiting: dict[str, tuple[StateflowFuture[Any], float]] = {}
        self._is_statefun = statefun_mode
        self._open(reply_partition)
        super().__init__(flow, bind=bind, clock=clock, request_prefix=identity)
        self._values = ClientValues(flow, self.references, self.name)

    def placement(self, partitions: int) -> PartitionPlacement:
        """Return where the entities of an engine with so many partitions live."""
        return PartitionPlacement(partitions)

    def _open(self, reply_partition: int) -> None:
        from confluent_kafka import Producer

        settings = connection(self._options)
        # First the position in the replies, then the first request: no reply comes before it.
        self._replies = ReplyReader(self._options, self._topics.replies, reply_partition, self.name, self._arrive, self._expire)
        producer = Producer(
            {
                **settings,
                "enable.idempotence": True,
                "linger.ms": 0,
                "message.max.bytes": RECORD_BYTES,
                "delivery.timeout.ms": int(self._options.delivery_timeout_s * 1000),
            },
            logger=log,
        )
        self._sender = Sender(producer, self._topics.log, self.name, self._placement.names, self._lose)

    def send(self, request: Request) -> StateflowFuture[Any]:
        """Write a request into the log; wait for room while too many are without a reply."""
        start = self._values.write(request)
        future: StateflowFuture[Any] = StateflowFuture(request.request_id)
        self._room.acquire()
        with self._lock:
            self._waiting[request.request_id] = future, time.monotonic() + self._options.reply_timeout_s
        place = self._placement.start(self.flow.by_name[request.class_name], request.key, request.request_id)
        self._sender.put(self._placement.names.index(place), start)
        return future

    def close(self) -> None:
        """Unbind the classes and send nothing more. Futures still without a reply raise `ClientClosed`. May be called again."""
        if self._closed:
            return
        super().close()
        self._sender.close(self._options.close_timeout_s)
        self._replies.close(self._options.close_timeout_s)
        for request_id in list(self._waiting):
            self._fail(request_id, ClientClosed(f"SF542: the client was closed before {request_id} had its reply"))

    def _arrive(self, answer: Answer) -> None:
        """Take an answer; one that comes again changes nothing."""
        self._sender.answered(answer.request_id)
        if answer.request_id not in self._waiting:
            return
        try:
            reply = self._values.read(answer)
        except Exception as error:
            self._fail(answer.request_id, error)
            return
        if reply.error is not None:
            self._fail(answer.request_id, reply.error)
        elif (future := self._take(answer.request_id)) is not None:
            future.set_result(reply.value)

    def _lose(self, request_ids: Sequence[str], reason: str) -> None:
        """Report requests that the brokers did not take, or took without saying so."""
        for request_id in request_ids:
            error = OutcomeUnknown(request_id, self._options.delivery_timeout_s)
            error.add_note(reason)
            self._fail(request_id, error)

    def _expire(self) -> None:
        """Report requests that have waited too long."""
        now_s = time.monotonic()
        while self._waiting:
            request_id, (_, end_s) = next(iter(self._waiting.items()))
            if end_s > now_s:
                return
            self._fail(request_id, OutcomeUnknown(request_id, self._options.reply_timeout_s))

    def _fail(self, request_id: str, error: BaseException) -> None:
        future = self._take(request_id)
        if future is not None:
            future.set_exception(error)

    def _take(self, request_id: str) -> StateflowFuture[Any] | None:
        with self._lock:
            future, _ = self._waiting.pop(request_id, (None, 0.0))
        if future is not None:
            self._room.release()
        return future


def _options(options: KafkaOptions, brokers: str | None, settings: Mapping[str, str] | None) -> KafkaOptions:
    changes: dict[str, Any] = {}
    if brokers is not None:
        changes["brokers"] = brokers
    if settings is not None:
        changes["settings"] = {**options.settings, **settings}
    return msgspec.structs.replace(options, **changes)
