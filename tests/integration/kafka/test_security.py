"""Clients of a broker that asks who is there: let in with the rights of the how-to page, and told in time what keeps them out."""

from __future__ import annotations

import logging
import time
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec
import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AclOperation, ResourceType

import stateflow
from stateflow.client.kafka.classes import write_classes
from stateflow.client.kafka.connections import connection
from stateflow.client.kafka.letters import read_dead_letters
from stateflow.client.kafka.offsets import offsets_of
from stateflow.client.kafka.topics import log_ranges, open_topics
from stateflow.client.kafka_client import StateflowKafkaClient
from stateflow.client.signatures import signatures_of
from stateflow.development.processes import wait_until
from stateflow.options import KafkaOptions
from tests.integration.flink import money, money_changed
from tests.integration.kafka.secured import KEYSTORE_PASSWORD, SecuredKafka, grant_as_the_page_says, rights_of_the_page, secured_kafka

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.xdist_group("kafka")]
DEADLINE_S = 30
FLOW = stateflow.init(money.Account, money.Counter)
APPLICATION = "shop"


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    """The topics of `shop`, made by who submits jobs, and the rights of the page."""
    with secured_kafka(tmp_path_factory.mktemp("secured")) as kafka:
        kafka.add_users("shop-client", "shop-job", "shop-ops", "shop-nobody")
        grant_as_the_page_says(kafka, APPLICATION)
        open_topics(kafka.by_password(APPLICATION, "shop-job"))
        yield kafka


def connect(options: KafkaOptions) -> StateflowKafkaClient:
    return StateflowKafkaClient(FLOW, options=msgspec.structs.replace(options, connect_timeout_s=5), bind=False)


def ends_of_log(kafka: SecuredKafka) -> int:
    options = kafka.by_password(APPLICATION, "shop-job")
    return sum(end for _, end in log_ranges(options, open_topics(options)).values())


@pytest.mark.parametrize("way", ["by_password", "by_certificate"])
def test_client_with_the_rights_of_the_page_writes_requests_without_a_warning(
    kafka: SecuredKafka, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    before = ends_of_log(kafka)
    with caplog.at_level(logging.WARNING, "stateflow.kafka"), connect(getattr(kafka, way)(APPLICATION, "shop-client")) as client:
        client.create(money.Counter, "a")
        assert wait_until(lambda: ends_of_log(kafka) == before + 1, DEADLINE_S)
    # A broker that has just started gives out the ids of producers a little later.
    said = [record.getMessage() for record in caplog.records if record.name == "stateflow.kafka"]
    assert [text for text in said if "Coordinator load in progress" not in text] == []


def test_client_without_rights_on_groups_is_told_of_other_classes(kafka: SecuredKafka) -> None:
    job = kafka.by_password("shop2", "shop-job")
    grant_as_the_page_says(kafka, "shop2")
    write_classes(job, open_topics(job), signatures_of(stateflow.init(money_changed.Account)))
    with pytest.raises(stateflow.ClassesDiffer):
        connect(kafka.by_password("shop2", "shop-client"))


@pytest.mark.parametrize("lacked", rights_of_the_page(APPLICATION)["shop-client"], ids=lambda right: f"{right[2].name}-{right[1]}")
def test_client_that_lacks_one_right_of_the_page_is_told_which(
    kafka: SecuredKafka, lacked: tuple[ResourceType, str, AclOperation]
) -> None:
    kafka.revoke("shop-client", lacked)
    try:
        with pytest.raises(stateflow.AccessRefused, match=rf"SF613: .*{lacked[1]}") as raised:
            connect(kafka.by_password(APPLICATION, "shop-client"))
        assert "kafka-acls.sh" in raised.value.fix
    finally:
        kafka.grant("shop-client", [lacked])


class Unsure(Consumer):
    """A consumer that does not know a partition, as librdkafka says now and then where the user may not see it."""

    def get_watermark_offsets(self, *_: object, **__: object) -> tuple[int, int]:
        raise KafkaException(KafkaError(KafkaError._UNKNOWN_PARTITION))


def test_partition_that_is_unknown_since_the_user_may_not_see_it_is_refused_as_such(kafka: SecuredKafka) -> None:
    options = kafka.by_password(APPLICATION, "shop-nobody")
    with closing(Unsure({**connection(options), "group.id": "unsure"})) as consumer, pytest.raises(stateflow.AccessRefused, match="SF613"):
        offsets_of(consumer, TopicPartition("shop.log", 0), options)


def test_rights_of_the_page_let_read_dead_letters_and_nothing_else(kafka: SecuredKafka) -> None:
    assert read_dead_letters(kafka.by_password(APPLICATION, "shop-ops")) == []
    for user in ("shop-client", "shop-nobody"):
        with pytest.raises(stateflow.AccessRefused, match=r"topic shop\.dead"):
            read_dead_letters(kafka.by_password(APPLICATION, user))
    with pytest.raises(stateflow.AccessRefused, match=r"topic shop\.log"):
        connect(kafka.by_password(APPLICATION, "shop-ops"))


def refused(options: KafkaOptions) -> stateflow.StateflowError:
    """Return what a client is told, which has to be in time and without a secret."""
    begin_s = time.monotonic()
    with pytest.raises(stateflow.StateflowError) as raised:
        connect(options)
    assert time.monotonic() - begin_s < 15
    for text in (str(raised.value), repr(options)):
        assert not any(secret in text for secret in ("guessed", "password-of-", KEYSTORE_PASSWORD))
    return raised.value


def test_wrong_password_is_named(kafka: SecuredKafka) -> None:
    error = refused(kafka.by_password(APPLICATION, "shop-client", **{"sasl.password": "guessed"}))
    assert isinstance(error, stateflow.AccessRefused)
    assert "invalid credentials with SASL mechanism SCRAM-SHA-512" in error.reason
    assert "sasl.password" in error.fix


def test_mechanism_that_the_brokers_do_not_have_is_named(kafka: SecuredKafka) -> None:
    error = refused(kafka.by_password(APPLICATION, "shop-client", **{"sasl.mechanism": "PLAIN"}))
    assert isinstance(error, stateflow.AccessRefused)
    assert "supported mechanisms: SCRAM-SHA-512" in error.reason


def test_authority_that_is_not_trusted_and_host_that_is_another_are_named(kafka: SecuredKafka) -> None:
    options = kafka.by_password(APPLICATION, "shop-client")
    other_host = msgspec.structs.replace(options, brokers=options.brokers.replace("localhost", "127.0.0.1"))
    for wrong in (kafka.by_password(APPLICATION, "shop-client", **{"ssl.ca.location": kafka.other_ca()}), other_host):
        error = refused(wrong)
        assert isinstance(error, stateflow.AccessRefused)
        assert "certificate verify failed" in error.reason
        assert "ssl.ca.location" in error.fix


def test_missing_certificate_of_the_client_is_named(kafka: SecuredKafka) -> None:
    options = kafka.by_certificate(APPLICATION, "shop-client")
    kept = {name: text for name, text in options.settings.items() if "keystore" not in name}
    error = refused(msgspec.structs.replace(options, settings=kept))
    assert isinstance(error, stateflow.AccessRefused)
    assert "ssl.keystore.location" in error.fix


def test_one_side_that_speaks_tls_alone_is_named_with_what_it_speaks(kafka: SecuredKafka) -> None:
    options = kafka.by_password(APPLICATION, "shop-client")
    error = refused(msgspec.structs.replace(options, brokers=kafka.broker.address))
    assert isinstance(error, stateflow.BrokerUnreachable)
    # What librdkafka says itself depends on whether the broker hung up before it had read all, or after.
    assert "does it speak SASL_SSL there?" in str(error)
    error = refused(msgspec.structs.replace(options, settings={}))
    assert isinstance(error, stateflow.BrokerUnreachable)
    assert "does it speak PLAINTEXT there?" in str(error)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("ssl.keystore.password", "guessed", "PKCS#12"),
        ("ssl.ca.location", "/none.pem", "ssl.ca.location"),
        ("security.protocol", "TLS", "security.protocol"),
        ("sasl.passwort", "guessed", "sasl.passwort"),
    ],
)
def test_setting_that_cannot_be_used_is_named_without_its_value(kafka: SecuredKafka, name: str, value: str, reason: str) -> None:
    error = refused(kafka.by_certificate(APPLICATION, "shop-client", **{name: value}))
    assert isinstance(error, stateflow.ConfigurationError)
    assert reason in str(error)
