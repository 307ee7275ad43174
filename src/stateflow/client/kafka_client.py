"""The client of engines that are reached through Kafka: Flink and Beam."""

from __future__ import annotations

import random
import time
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from stateflow.client.arrivals import together
from stateflow.client.base import StateflowClient
from stateflow.client.future import StateflowFuture
from stateflow.client.kafka.classes import check_classes
from stateflow.client.kafka.connections import connection, log
from stateflow.client.kafka.outstanding import Outstanding
from stateflow.client.kafka.replies import ReplyReader
from stateflow.client.kafka.rights import Role
from stateflow.client.kafka.sending import Sender
from stateflow.client.kafka.topics import client_name, open_topics
from stateflow.client.signatures import signatures_of
from stateflow.client.waiting import check_may_send
from stateflow.core.placement import PartitionPlacement
from stateflow.errors import ClientClosed, ConfigurationError, OutcomeUnknown
from stateflow.limits import RECORD_BYTES
from stateflow.options import KafkaOptions, overridden
from stateflow.protocol.client_values import ClientValues
from stateflow.protocol.messages import Operation
from stateflow.protocol.steps import Start

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from stateflow.dataflow import Dataflow
    from stateflow.observer import Observer
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
        statefun_mode: the job runs on Flink Stateful Functions. There is no such engine yet, so `True` is refused.
        bind: bind the classes to this client now.
        options: the application's name, topics, time-outs; what else is given here goes first.
        settings: settings of librdkafka for every connection, such as `security.protocol`.
        clock: the time of a request, in nanoseconds since 1970.
        observer: watches the requests of this client.

    Raises:
        BrokerUnreachable: no broker answers in time.
        AccessRefused: the brokers do not let this user in, or do not give it the rights of a client.
        TopicRefused: a topic has settings that would break what StateFlow promises.
        ClassesDiffer: the job lacks what the client could call, or keeps its entities elsewhere.
        MissingExtra: confluent-kafka is not installed.
        ConfigurationError: `statefun_mode` is true.
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
        observer: Observer | None = None,
    ) -> None:
        if statefun_mode:
            # Taken without a word, it would send to places that no job has, and each request would end without a reply.
            raise ConfigurationError(
                "SF540: statefun_mode is True, and StateFlow has no engine on Flink Stateful Functions yet; "
                "leave it False, and run the classes by FlinkRuntime"
            )
        self._options = overridden(options or KafkaOptions(), settings, brokers=brokers)
        self._topics = open_topics(self._options, Role.CLIENT)
        check_classes(self._options, self._topics, signatures_of(flow))
        identity = uuid.uuid4().hex
        reply_partition = random.randrange(self._topics.reply_partitions)
        self.name = client_name(reply_partition, identity)
        self._placement = self.placement(self._topics.partitions)
        self._partitions = {place: number for number, place in enumerate(self._placement.names)}
        self._outstanding = Outstanding(self._options.outstanding_requests, self._options.reply_timeout_s)
        self._open(reply_partition)
        super().__init__(flow, bind=bind, clock=clock, request_prefix=identity, observer=observer)
        self._values = ClientValues(flow, self.references, self.name)

    def placement(self, partitions: int) -> PartitionPlacement:
        """Return where the entities of an engine with so many partitions live."""
        return PartitionPlacement(partitions)

    def _open(self, reply_partition: int) -> None:
        from confluent_kafka import Producer

        settings = connection(self._options)
        # First the position in the replies, then the first request: no reply comes before it.
        self._replies = ReplyReader(self._options, self._topics.replies, reply_partition, self.name, self._arrive, self._outstanding.expire)
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
        """Write a request into the log; while too many are without a reply, a thread waits for room, and an event loop does not.

        Raises:
            QueueFull: too many requests of an event loop wait for room.
        """
        start = self._values.write(request)
        future: StateflowFuture[Any] = StateflowFuture(request.request_id)
        place = self._placement.start(self.flow.by_name[request.class_name], request.key, request.request_id)
        self._outstanding.add(future, partial(self._sender.put, self._partitions[place], start))
        return future

    def close(self) -> None:
        """Unbind the classes and send nothing more. Futures still without a reply raise `ClientClosed`. May be called again."""
        if self._closed:
            return
        super().close()
        self._sender.close(self._options.close_timeout_s)
        self._replies.close(self._options.close_timeout_s)
        self._outstanding.fail_all(ClientClosed("SF542: the client was closed before this request had its reply"))

    def result(self, request_id: str, *, sent_ns: int | None = None) -> StateflowFuture[Any]:
        """Ask for the reply to a request that was sent before, perhaps by another client; see `StateflowClient.result`."""
        check_may_send()
        if self._closed:
            raise ClientClosed("SF542: this client is closed; make another one")
        future: StateflowFuture[Any] = StateflowFuture(request_id)
        asked = Start(request_id, sent_ns or 0, Operation.RESULT.value, "", "", b"", self.name)

        def ask_all() -> None:
            # Only the place where it began knows it, and the id does not say which.
            for partition in range(self._topics.partitions):
                self._sender.put(partition, asked)

        self._outstanding.add(future, ask_all, self._placement.names)
        return future

    def _arrive(self, place: str, answers: Sequence[Answer]) -> None:
        """Take the answers of one record; those that come again change nothing."""
        request_ids = [answer.request_id for answer in answers]
        with together():
            for answer, futures in zip(answers, self._outstanding.take(request_ids), strict=True):
                if futures:
                    self._tell(answer, futures)
                elif self._outstanding.has(answer.request_id):
                    self._settle(place, answer)
        # Last, so that what is sent because of these answers shares the next record.
        self._sender.answered(request_ids)

    def _tell(self, answer: Answer, futures: Sequence[StateflowFuture[Any]]) -> None:
        """Give an answer to those that wait for it."""
        try:
            value = self._values.value(answer)
            is_error = answer.is_error
        except Exception as error:
            value, is_error = error, True
        for future in futures:
            if is_error:
                future.set_exception(value)
            else:
                future.set_result(value)

    def _settle(self, place: str, answer: Answer) -> None:
        """Take what one of several places says that were asked."""
        try:
            reply = self._values.read(answer)
        except Exception as error:
            self._outstanding.fail(answer.request_id, error)
        else:
            self._outstanding.settle(reply, place)

    def _lose(self, request_ids: Sequence[str], reason: str) -> None:
        """Report requests that the brokers did not take, or took without saying so."""
        for request_id in request_ids:
            error = OutcomeUnknown(request_id, self._options.delivery_timeout_s)
            error.add_note(reason)
            self._outstanding.fail(request_id, error)

