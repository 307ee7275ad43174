"""A client whose requests have no room: an event loop goes on, and each request is sent once."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from typing import TYPE_CHECKING

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

import stateflow
from stateflow.client.kafka.topics import Topics, open_topics, reply_partition
from stateflow.client.kafka_client import StateflowKafkaClient
from stateflow.core.machine import Machine
from stateflow.core.placement import PartitionPlacement
from stateflow.core.records import put_changes
from stateflow.development.kafka import KafkaBroker
from stateflow.limits import OUTSTANDING_REQUESTS
from stateflow.options import KafkaOptions
from tests.integration.flink.money import Counter

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.xdist_group("kafka"), pytest.mark.timeout(300)]
FLOW = stateflow.init(Counter)


class OnePlace:
    """An engine of one place over a real log, which handles requests only while it may.

    Args:
        options: where the log is.
        topics: its topics.
    """

    def __init__(self, options: KafkaOptions, topics: Topics) -> None:
        self.goes_on = threading.Event()
        self.requests = 0
        self._topics = topics
        self._records: dict[str, bytes] = {}
        self._machine = Machine(FLOW, "0", PartitionPlacement(1), self._records)
        self._ending = threading.Event()
        self._producer = Producer({"bootstrap.servers": options.brokers, "linger.ms": 0})
        self._consumer = Consumer({"bootstrap.servers": options.brokers, "group.id": uuid.uuid4().hex})
        self._consumer.assign([TopicPartition(topics.log, 0, 0)])
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> OnePlace:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self.goes_on.set()
        self._thread.join()
        self._consumer.close()
        self._producer.flush(30)

    def _serve(self) -> None:
        while not self._ending.is_set():
            record = self._consumer.poll(0.05)
            if record is None or record.error() is not None:
                continue
            self.goes_on.wait()
            for target, envelope in self._machine.receive(record.value() or b"", time.time_ns()):
                partition = reply_partition(target)
                assert partition is not None
                self._producer.produce(self._topics.replies, envelope, partition=partition)
            self._producer.poll(0)
            put_changes(self._records, self._machine.take_changes())


@pytest.fixture
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    with KafkaBroker(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


def test_event_loop_goes_on_while_its_client_is_full_and_each_request_counts_once(broker: KafkaBroker) -> None:
    options = KafkaOptions(brokers=broker.address, application="room", partitions=1, reply_partitions=1)
    beyond = OUTSTANDING_REQUESTS + 2_000

    async def main(client: StateflowKafkaClient, engine: OnePlace) -> list[int]:
        counter = client.ref(Counter, "c")
        futures = [client.call(Counter.add, counter) for _ in range(beyond)]
        # The engine waits for this task, which a loop that is stopped would never come to.
        await asyncio.sleep(0)
        assert not any(future.done() for future in futures)
        engine.goes_on.set()
        return [await future for future in futures]

    with OnePlace(options, open_topics(options)) as engine, StateflowKafkaClient(FLOW, options=options, bind=False) as client:
        engine.goes_on.set()
        client.create(Counter, "c").get(60)
        engine.goes_on.clear()
        counts = asyncio.run(main(client, engine))
        assert counts == list(range(1, beyond + 1))
        assert client.state(client.ref(Counter, "c")).get(60)["value"] == beyond
