"""Flink's connection to Kafka is as safe as that of the clients."""

from __future__ import annotations

import pytest

from stateflow.errors import ConfigurationError
from stateflow.runtime.flink.java_settings import java_settings


def test_user_and_password_are_said_in_javas_words() -> None:
    settings = {"security.protocol": "SASL_SSL", "sasl.mechanisms": "PLAIN", "sasl.username": "ann", "sasl.password": 'a"b\\'}
    module = "org.apache.flink.kafka.shaded.org.apache.kafka.common.security.plain.PlainLoginModule"
    assert java_settings(settings) == {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "PLAIN",
        "sasl.jaas.config": module + r' required username="ann" password="a\"b\\";',
    }


def test_certificates_are_said_in_javas_words() -> None:
    settings = {"security.protocol": "SSL", "ssl.ca.location": "/ca.pem", "ssl.keystore.location": "/me.p12", "ssl.keystore.password": "x"}
    assert java_settings(settings) == {
        "security.protocol": "SSL",
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": "/ca.pem",
        "ssl.keystore.type": "PKCS12",
        "ssl.keystore.location": "/me.p12",
        "ssl.keystore.password": "x",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [("sasl.mechanism", "OAUTHBEARER"), ("ssl.certificate.location", "/me.pem"), ("enable.ssl.certificate.verification", "false")],
)
def test_setting_of_security_that_cannot_be_translated_is_refused_with_what_to_do(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"SF540: {name}.*kafka_settings"):
        java_settings({name: value})


def test_protocol_and_check_of_the_host_are_spelled_as_java_spells_them() -> None:
    settings = {"security.protocol": "ssl", "ssl.endpoint.identification.algorithm": "none"}
    assert java_settings(settings) == {"security.protocol": "SSL", "ssl.endpoint.identification.algorithm": ""}


def test_settings_of_clients_only_are_left_out() -> None:
    assert java_settings({"socket.keepalive.enable": "true"}) == {}
