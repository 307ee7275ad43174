"""What a Kafka client is told beside its options."""

from __future__ import annotations

import pytest

import stateflow
from stateflow.client.kafka_client import StateflowKafkaClient
from stateflow.errors import ConfigurationError
from stateflow.options import FlinkOptions, KafkaOptions, overridden


def test_statefun_mode_is_refused_before_any_broker_is_asked() -> None:
    with pytest.raises(ConfigurationError, match="SF540: statefun_mode is True, and StateFlow has no engine on Flink Stateful"):
        StateflowKafkaClient(stateflow.init(), brokers="127.0.0.1:1", statefun_mode=True)


def test_what_is_given_beside_options_goes_first_and_settings_are_added() -> None:
    options = KafkaOptions(brokers="one:9092", application="shop", settings={"a": "1", "b": "1"})
    assert overridden(options, {"b": "2"}, brokers="two:9092") == KafkaOptions(
        brokers="two:9092", application="shop", settings={"a": "1", "b": "2"}
    )


def test_what_is_not_given_beside_options_stays() -> None:
    options = FlinkOptions(parallelism=3, settings={"a": "1"})
    assert overridden(options, None, parallelism=None) == options


@pytest.mark.parametrize(("name", "value"), [("restarts", 0), ("start_timeout_s", 0.0)])
def test_flink_options_out_of_range_are_refused(name: str, value: float) -> None:
    with pytest.raises(ConfigurationError, match=f"SF540: {name} is 0"):
        FlinkOptions(**{name: value})
