"""Three real brokers: what StateFlow makes there outlives one of them, and what would not is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from stateflow.client.kafka.topics import open_topics
from stateflow.development.kafka_cluster import KafkaCluster
from stateflow.errors import TopicRefused
from stateflow.options import KafkaOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.xdist_group("kafka")]
DEADLINE_S = 30


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    with KafkaCluster(tmp_path_factory.mktemp("kafka")) as cluster:
        yield cluster


def options_for(cluster: KafkaCluster, application: str, replication: int = 3) -> KafkaOptions:
    return KafkaOptions(brokers=cluster.address, application=application, partitions=2, reply_partitions=2, replication=replication)


def setting(cluster: KafkaCluster, topic: str, name: str) -> str:
    resource = ConfigResource(ResourceType.TOPIC, topic)
    admin = AdminClient({"bootstrap.servers": cluster.address})
    found = admin.describe_configs([resource])[resource].result(DEADLINE_S)
    value: str = found[name].value
    return value


def make(cluster: KafkaCluster, topic: str, copies: int, **settings: str) -> None:
    made = NewTopic(topic, 2, copies, config={name.replace("_", "."): value for name, value in settings.items()})
    admin = AdminClient({"bootstrap.servers": cluster.address})
    admin.create_topics([made])[topic].result(DEADLINE_S)


def test_every_topic_is_acknowledged_by_all_but_one_of_its_copies(cluster: KafkaCluster) -> None:
    topics = open_topics(options_for(cluster, "copied"))
    names = (topics.log, topics.replies, topics.dead_letters, topics.classes)
    assert [setting(cluster, name, "min.insync.replicas") for name in names] == ["2"] * 4
    assert [cluster.in_sync(name) for name in names] == [3] * 4
    assert open_topics(options_for(cluster, "copied", replication=1)) == topics


def test_topics_with_fewer_copies_than_the_options_name_are_refused(cluster: KafkaCluster) -> None:
    make(cluster, "few.replies", copies=1)
    with pytest.raises(TopicRefused, match=r"topic few\.replies: its partitions have 1 copy, and replication is 3"):
        open_topics(options_for(cluster, "few"))


def test_topics_that_acknowledge_what_one_broker_has_are_refused(cluster: KafkaCluster) -> None:
    make(cluster, "hasty.dead", copies=3)
    with pytest.raises(TopicRefused, match=r"min\.insync\.replicas is 1, and has to be at least 2"):
        open_topics(options_for(cluster, "hasty"))


def test_topics_that_a_broker_may_lead_without_having_all_records_are_refused(cluster: KafkaCluster) -> None:
    make(cluster, "unclean.classes", copies=3, min_insync_replicas="2", cleanup_policy="compact", unclean_leader_election_enable="true")
    with pytest.raises(TopicRefused, match=r"unclean\.leader\.election\.enable is true, and has to be false"):
        open_topics(options_for(cluster, "unclean"))


def test_what_was_acknowledged_is_read_while_the_broker_that_led_is_away(cluster: KafkaCluster) -> None:
    topics = open_topics(options_for(cluster, "led"))
    leader = cluster.leader_of(topics.replies, 0)
    producer = Producer({"bootstrap.servers": cluster.address, "acks": "all"})
    values = [b"%d" % number for number in range(100)]
    for value in values[:50]:
        producer.produce(topics.replies, value, partition=0)
    assert producer.flush(DEADLINE_S) == 0
    leader.kill()
    for value in values[50:]:
        producer.produce(topics.replies, value, partition=0)
    assert producer.flush(DEADLINE_S) == 0
    assert cluster.leader_of(topics.replies, 0) is not leader
    consumer = Consumer({"bootstrap.servers": cluster.address, "group.id": "reader", "enable.auto.commit": False})
    consumer.assign([TopicPartition(topics.replies, 0, 0)])
    assert [consumer.poll(DEADLINE_S).value() for _ in values] == values
    consumer.close()
    leader.start()
