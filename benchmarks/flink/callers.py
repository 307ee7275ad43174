"""Who asks the jobs: the same pattern of requests for both, and how long the replies take."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec
from confluent_kafka import Consumer, Producer, TopicPartition

import stateflow
from benchmarks.flink.counter import Counter
from stateflow.client.kafka_client import StateflowKafkaClient
from stateflow.options import KafkaOptions
from stateflow.protocol.keys import encode_key, partition_of

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ByHandCaller", "StateflowCaller", "closed_loop", "open_loop"]

KEYS = 2000
PARTITIONS = 4
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[tuple[str, int]]).decode


class StateflowCaller:
    """Counts through StateFlow's client."""

    def __init__(self, brokers: str) -> None:
        options = KafkaOptions(brokers=brokers, application="counter")
        self._client = StateflowKafkaClient(stateflow.init(Counter), options=options, bind=False)
        self._counters: list[Any] = [self._client.ref(Counter, f"c{number}") for number in range(KEYS)]
        for future in [self._client.create(Counter, f"c{number}") for number in range(KEYS)]:
            future.get(120)

    def add(self, number: int, done: Callable[[], object]) -> None:
        """Count one; call `done` when the reply is here."""
        self._client.call(Counter.add, self._counters[number]).add_done_callback(lambda _: done())

    def give(self, number: int, done: Callable[[], object]) -> None:
        """Count at two entities in one transaction."""
        other = self._counters[(number * 7 + 1) % KEYS]
        self._client.call(Counter.give, self._counters[number], other).add_done_callback(lambda _: done())

    def close(self) -> None:
        """End."""
        self._client.close()


class ByHandCaller:
    """Counts through the job by hand, in batches: all that waits goes in one record while one is under way in its partition."""

    def __init__(self, brokers: str) -> None:
        self._producer = Producer({"bootstrap.servers": brokers, "enable.idempotence": True, "linger.ms": 0})
        self._consumer = Consumer({"bootstrap.servers": brokers, "group.id": uuid.uuid4().hex, "fetch.wait.max.ms": 100})
        _, end = self._consumer.get_watermark_offsets(TopicPartition("by_hand.replies", 0), timeout=30)
        self._consumer.assign([TopicPartition("by_hand.replies", 0, end)])
        self._waiting: dict[str, Callable[[], object]] = {}
        self._lanes: list[deque[tuple[str, str]]] = [deque() for _ in range(PARTITIONS)]
        self._under_way = [0] * PARTITIONS
        self._where: dict[str, int] = {}
        self._lock = threading.Lock()
        self._count = 0
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._read), threading.Thread(target=self._deliver)]
        for thread in self._threads:
            thread.start()

    def add(self, number: int, done: Callable[[], object]) -> None:
        """Count one; call `done` when the reply is here."""
        key = f"c{number}"
        partition = partition_of(encode_key(key), PARTITIONS)
        with self._lock:
            self._count += 1
            request_id = f"r{self._count}"
            self._waiting[request_id] = done
            self._lanes[partition].append((request_id, key))
            self._send(partition)

    def close(self) -> None:
        """End."""
        self._ending.set()
        for thread in self._threads:
            thread.join()
        self._consumer.close()

    def _send(self, partition: int) -> None:
        lane = self._lanes[partition]
        if not lane or self._under_way[partition] >= 2:
            return
        batch = [lane.popleft() for _ in range(min(len(lane), 500))]
        self._under_way[partition] += 1
        self._where[batch[0][0]] = partition
        self._producer.produce("by_hand.log", _encode((partition, batch)), partition=partition)

    def _deliver(self) -> None:
        while not self._ending.is_set():
            self._producer.poll(0.05)

    def _read(self) -> None:
        while not self._ending.is_set():
            record = self._consumer.poll(0.2)
            if record is None or record.error() is not None:
                continue
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


def closed_loop(ask: Callable[[int, Callable[[], object]], object], outstanding: int, seconds: float) -> float:
    """Keep so many requests outstanding; return the replies a second in the second half of the time."""
    replies: list[float] = []
    room = threading.Semaphore(outstanding)
    draw = random.Random(1)

    def done() -> None:
        replies.append(time.monotonic())
        room.release()

    begin = time.monotonic()
    while time.monotonic() < begin + seconds:
        room.acquire()
        ask(draw.randrange(KEYS), done)
    for _ in range(outstanding):
        room.acquire(timeout=60)
    late = [moment for moment in replies if begin + seconds / 2 <= moment <= begin + seconds]
    return len(late) / (seconds / 2)


def open_loop(ask: Callable[[int, Callable[[], object]], object], rate: float, seconds: float) -> dict[str, float]:
    """Send at a steady rate; return the latency from the intended moment of sending, in milliseconds."""
    latencies: list[float] = []
    draw = random.Random(2)
    begin = time.monotonic()
    count = int(rate * seconds)
    finished = threading.Semaphore(0)
    for number in range(count):
        due = begin + number / rate
        time.sleep(max(0.0, due - time.monotonic()))

        def done(due: float = due) -> None:
            latencies.append(time.monotonic() - due)
            finished.release()

        ask(draw.randrange(KEYS), done)
    for _ in range(count):
        finished.acquire(timeout=60)
    ordered = sorted(latencies[len(latencies) // 4 :])
    return {"p50_ms": ordered[len(ordered) // 2] * 1000, "p99_ms": ordered[int(len(ordered) * 0.99)] * 1000}
