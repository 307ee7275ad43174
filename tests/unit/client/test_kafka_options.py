"""What a Kafka client is told beside its options."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

import stateflow
from stateflow.client.kafka import topics
from stateflow.client.kafka.refusals import Problems
from stateflow.client.kafka_client import StateflowKafkaClient
from stateflow.errors import ConfigurationError, TopicRefused
from stateflow.options import FlinkOptions, KafkaOptions, overridden
from tests.unit.client.recording import Item


def test_statefun_mode_is_refused_before_any_broker_is_asked() -> None:
    with pytest.raises(ConfigurationError, match="SF540: statefun_mode is True, and StateFlow has no engine on Flink Stateful"):
        StateflowKafkaClient(stateflow.init(Item), brokers="127.0.0.1:1", statefun_mode=True)


def test_what_is_given_beside_options_goes_first_and_settings_are_added() -> None:
    options = KafkaOptions(brokers="one:9092", application="shop", settings={"a": "1", "b": "1"})
    assert overridden(options, {"b": "2"}, brokers="two:9092") == KafkaOptions(
        brokers="two:9092", application="shop", settings={"a": "1", "b": "2"}
    )


def test_what_is_not_given_beside_options_stays() -> None:
    options = FlinkOptions(parallelism=3, settings={"a": "1"})
    assert overridden(options, None, parallelism=None) == options


def test_options_are_printed_without_what_may_be_secret() -> None:
    kafka = KafkaOptions(settings={"sasl.username": "ann", "sasl.password": "hush"})
    options = FlinkOptions(kafka=kafka, kafka_settings={"sasl.jaas.config": 'x password="hush";'}, settings={"s3.secret-key": "hush"})
    assert "hush" not in repr(options)
    assert "hush" not in f"{options} {kafka}"
    assert "settings={'sasl.username': 'ann', 'sasl.password': '(hidden)'}" in repr(options)
    assert repr(kafka).startswith("KafkaOptions(brokers='localhost:9092', application='stateflow', partitions=4, ")


@pytest.mark.parametrize(("name", "value"), [("restarts", 0), ("start_timeout_s", 0.0)])
def test_flink_options_out_of_range_are_refused(name: str, value: float) -> None:
    with pytest.raises(ConfigurationError, match=f"SF540: {name} is 0"):
        FlinkOptions(**{name: value})


class LateAdmin:
    """A broker that tells of topics some time after it has made them."""

    def __init__(self, *told: tuple[str, ...]) -> None:
        self._told = iter(told)
        self._last: tuple[str, ...] = ()

    def list_topics(self, timeout: float) -> Any:
        assert timeout > 0
        self._last = next(self._told, self._last)
        return SimpleNamespace(topics={name: SimpleNamespace(partitions={0: None}) for name in self._last})


def test_topics_that_were_just_made_are_waited_for() -> None:
    admin: Any = LateAdmin((), ("shop.log",), ("shop.log", "shop.dead"))
    known = topics._wait_known(admin, KafkaOptions(), ["shop.log", "shop.dead"], Problems())
    assert {name: len(topic.partitions) for name, topic in known.items()} == {"shop.log": 1, "shop.dead": 1}


def test_topic_that_stays_unknown_is_refused() -> None:
    admin: Any = LateAdmin(("shop.log",))
    with pytest.raises(TopicRefused, match=r"SF611: topic shop\.dead: it was made, and the broker did not know it within 0\.1 s"):
        topics._wait_known(admin, KafkaOptions(connect_timeout_s=0.1), ["shop.log", "shop.dead"], Problems())
