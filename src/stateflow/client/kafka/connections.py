"""Connections to the brokers: their settings, their log, and consumers that look something up."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from confluent_kafka import Consumer, KafkaException
from confluent_kafka.admin import AdminClient

from stateflow.client.kafka.refusals import Problems, refusal, refused_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stateflow.options import KafkaOptions

__all__ = ["connection", "log", "open_admin", "open_consumer", "reading"]

log = logging.getLogger("stateflow.kafka")


def connection(options: KafkaOptions) -> dict[str, Any]:
    """Return the settings of every connection to the brokers; what the user passed goes first. What they log goes to `log`."""
    return {"bootstrap.servers": options.brokers, "socket.timeout.ms": 10_000, **options.settings}


def open_admin(options: KafkaOptions, problems: Problems) -> AdminClient:
    """Return the connection that asks for topics. It is the first of each client and job, so that it finds what is wrong with the settings.

    Raises:
        ConfigurationError: librdkafka does not take the settings.
    """
    try:
        # What it would log, many times over, is in the error that it ends with.
        settings: Any = {**connection(options), "log_level": 0, "error_cb": problems.note}
        return AdminClient(settings)
    except KafkaException as error:
        raise refused_settings(options, error.args[0].str()) from None


def open_consumer(options: KafkaOptions, group: str = "stateflow", **settings: Any) -> Consumer:
    """Return a consumer whose partitions are assigned by hand: it joins no group and commits nothing."""
    return Consumer({**connection(options), "group.id": group, "enable.auto.commit": False, **settings}, logger=log)


@contextmanager
def reading(options: KafkaOptions, group: str = "stateflow") -> Iterator[Consumer]:
    """Give a consumer to look something up with, and close it.

    Raises:
        BrokerUnreachable: a look-up in the block failed.
        AccessRefused: the brokers do not allow it.
    """
    consumer = open_consumer(options, group)
    try:
        yield consumer
    except KafkaException as error:
        raise refusal(options, error.args[0]) from None
    finally:
        consumer.close()
