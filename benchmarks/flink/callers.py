"""Who asks the jobs."""

from __future__ import annotations

import itertools
import threading
import uuid
from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec
from confluent_kafka import Consumer, Producer, TopicPartition

import stateflow
from benchmarks.flink.counter import Counter
from benchmarks.flink.loops import KEYS
from stateflow.client.kafka_client import StateflowKafkaClient
from stateflow.options import KafkaOptions
from stateflow.protocol.keys import encode_key, partition_of

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ByHandCaller", "EachCaller", "OnceCaller", "StateflowCaller"]

PARTITIONS = 4
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[tuple[str, int]]).decode
_decode_one = msgspec.msgpack.Decoder(tuple[str, int]).decode


def _partition(number: int) -> int:
    return partition_of(encode_key(f"c{number}"), PARTITIONS)


class StateflowCaller:
    """Counts through StateFlow's client."""

    def __init__(self, brokers: str) -> None:
        options = KafkaOptions(brokers=brokers, application="counter")
        self._client = StateflowKafkaClient(stateflow.init(Counter), options=options, bind=False)
        self._counters: list[Any] = [self._client.ref(Counter, f"c{number}") for number in range(KEYS)]
        for future in [self._client.create(Counter, f"c{number}") for number in range(KEYS)]:
            future.get(120)
        self._others = [self._other(number) for number in range(KEYS)]

    def add(self, number: int, done: Callable[[], object]) -> None:
        """Count one; call `done` when the reply is here."""
        self._client.call(Counter.add, self._counters[number]).add_done_callback(lambda _: done())

    def read(self, number: int, done: Callable[[], object]) -> None:
        """Read a counter; call `done` when the reply is here."""
        self._client.call(Counter.read, self._counters[number]).add_done_callback(lambda _: done())

    def give(self, number: int, done: Callable[[], object]) -> None:
        """Count at two entities of different partitions in one transaction."""
        self._client.call(Counter.give, self._counters[number], self._counters[self._others[number]]).add_done_callback(lambda _: done())

    def close(self) -> None:
        """End."""
        self._client.close()

    @staticmethod
    def _other(number: int) -> int:
        """Return an entity of another partition."""
        others = ((number * 7 + step) % KEYS for step in itertools.count(1))
        return next(other for other in others if _partition(other) != _partition(number))


class _ByHand:
    """Asks a job by hand, in threads that deliver and read.

    Args:
        brokers: where the brokers are.
        application: begins the names of the topics.
        settings: further settings of the producer.
    """

    def __init__(self, brokers: str, application: str, **settings: str) -> None:
        self._log = f"{application}.log"
        self._producer = Producer({"bootstrap.servers": brokers, "enable.idempotence": True, "linger.ms": 0, **settings})
        self._consumer = Consumer({"bootstrap.servers": brokers, "group.id": uuid.uuid4().hex, "fetch.wait.max.ms": 100})
        replies = f"{application}.replies"
        _, end = self._consumer.get_watermark_offsets(TopicPartition(replies, 0), timeout=30)
        self._consumer.assign([TopicPartition(replies, 0, end)])
        self._waiting: dict[str, Callable[[], object]] = {}
        self._count = 0
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._repeat, args=(turn,), daemon=True) for turn in (self._read, self._deliver)]

    def close(self) -> None:
        """End."""
        self._ending.set()
        for thread in self._threads:
            thread.join()
        self._consumer.close()

    def _start(self) -> None:
        for thread in self._threads:
            thread.start()

    def _repeat(self, turn: Callable[[], object]) -> None:
        while not self._ending.is_set():
            turn()

    def _deliver(self) -> None:
        self._producer.poll(0.05)

    def _read(self) -> None:
        raise NotImplementedError


class ByHandCaller(_ByHand):
    """Counts through a job by hand, in batches: all that waits goes in one record while two are under way in its partition."""

    def __init__(self, brokers: str, application: str = "by_hand", prefix: str = "r") -> None:
        super().__init__(brokers, application)
        self._prefix = prefix
        self._lanes: list[deque[tuple[str, str]]] = [deque() for _ in range(PARTITIONS)]
        self._under_way = [0] * PARTITIONS
        self._where: dict[str, int] = {}
        self._lock = threading.Lock()
        self._start()

    def add(self, number: int, done: Callable[[], object]) -> None:
        """Count one; call `done` when the reply is here."""
        key, partition = f"c{number}", _partition(number)
        with self._lock:
            self._count += 1
            request_id = f"{self._prefix}{self._count}"
            self._waiting[request_id] = done
            self._lanes[partition].append((request_id, key))
            self._send(partition)

    def _send(self, partition: int) -> None:
        lane = self._lanes[partition]
        if not lane or self._under_way[partition] >= 2:
            return
        batch = [lane.popleft() for _ in range(min(len(lane), 500))]
        self._under_way[partition] += 1
        self._where[batch[0][0]] = partition
        self._producer.produce(self._log, _encode((partition, batch)), partition=partition)

    def _read(self) -> None:
        record = self._consumer.poll(0.2)
        if record is None or record.error() is not None:
            return
        replies = _decode(record.value() or b"")
        with self._lock:
            partition = self._where.pop(replies[0][0], None)
            if partition is not None:
                self._under_way[partition] -= 1
                self._send(partition)
            calls = [self._waiting.pop(request_id, None) for request_id, _ in replies]
        for call in calls:
            if call is not None:
                call()


class OnceCaller(ByHandCaller):
    """The same with ids that no other client has, since the job knows repeats by them."""

    def __init__(self, brokers: str) -> None:
        super().__init__(brokers, "by_hand_once", f"{uuid.uuid4().hex}-")


class EachCaller(_ByHand):
    """Counts through the job by hand that handles one request a record: Kafka's own batches are all that there is."""

    def __init__(self, brokers: str) -> None:
        super().__init__(brokers, "by_hand_each", partitioner="murmur2")
        self._start()

    def add(self, number: int, done: Callable[[], object]) -> None:
        """Count one; call `done` when the reply is here."""
        self._count += 1
        request_id = f"r{self._count}"
        self._waiting[request_id] = done
        self._producer.produce(self._log, _encode((request_id, f"c{number}")), key=f"c{number}")

    def _read(self) -> None:
        for record in self._consumer.consume(500, 0.05):
            if record.error() is None:
                self._waiting.pop(_decode_one(record.value() or b"")[0])()
