"""Clients whose classes differ from those that a job has noted, on a real broker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from confluent_kafka import Producer

import stateflow
from stateflow.client.kafka.classes import write_classes
from stateflow.client.kafka.topics import open_topics
from stateflow.client.kafka_client import StateflowKafkaClient
from stateflow.client.signatures import signatures_of
from stateflow.development.kafka import KafkaBroker
from stateflow.options import KafkaOptions
from tests.integration.flink import money, money_changed
from tests.integration.kafka import placed, placed_elsewhere

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.xdist_group("kafka")]
OLD = stateflow.init(money.Account, money.Counter)
NEW = stateflow.init(money_changed.Account, money_changed.Counter)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    with KafkaBroker(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


def test_client_that_could_call_what_the_job_lacks_is_refused_until_the_job_is_upgraded(broker: KafkaBroker) -> None:
    options = KafkaOptions(brokers=broker.address, application="upgraded")
    topics = open_topics(options)
    StateflowKafkaClient(NEW, options=options).close()
    write_classes(options, topics, signatures_of(OLD, has_former_names=True))
    StateflowKafkaClient(OLD, options=options).close()
    with pytest.raises(stateflow.ClassesDiffer, match=r"of upgraded: Account\.owned\(\) is not there") as raised:
        StateflowKafkaClient(NEW, options=options)
    assert raised.value.application == "upgraded"
    write_classes(options, topics, signatures_of(NEW, has_former_names=True))
    for flow in (OLD, NEW):
        StateflowKafkaClient(flow, options=options).close()


def test_client_that_looks_for_entities_elsewhere_is_refused_and_told_of_which_class(broker: KafkaBroker) -> None:
    options = KafkaOptions(brokers=broker.address, application="placed")
    write_classes(options, open_topics(options), signatures_of(stateflow.init(placed.Order), has_former_names=True))
    StateflowKafkaClient(stateflow.init(placed.Order), options=options, bind=False).close()
    elsewhere = r"Order\.__partition__ is another one there, so entities live elsewhere"
    with pytest.raises(stateflow.ClassesDiffer, match=elsewhere):
        StateflowKafkaClient(stateflow.init(placed_elsewhere.Order), options=options, bind=False)


def test_record_that_cannot_be_read_keeps_no_client_out(broker: KafkaBroker) -> None:
    options = KafkaOptions(brokers=broker.address, application="damaged")
    producer = Producer({"bootstrap.servers": broker.address})
    producer.produce(open_topics(options).classes, b"\xc1", b"classes", partition=0)
    assert producer.flush(30) == 0
    StateflowKafkaClient(NEW, options=options).close()
