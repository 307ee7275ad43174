"""Connections to the brokers: their settings, their log, and consumers that look something up."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from confluent_kafka import Consumer, KafkaException

from stateflow.errors import BrokerUnreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stateflow.options import KafkaOptions

__all__ = ["connection", "log", "open_consumer", "reading"]

log = logging.getLogger("stateflow.kafka")


def connection(options: KafkaOptions) -> dict[str, Any]:
    """Return the settings of every connection to the brokers; what the user passed goes first. What they log goes to `log`."""
    return {"bootstrap.servers": options.brokers, "socket.timeout.ms": 10_000, **options.settings}


def open_consumer(options: KafkaOptions, group: str = "stateflow", **settings: Any) -> Consumer:
    """Return a consumer whose partitions are assigned by hand: it joins no group and commits nothing."""
    return Consumer({**connection(options), "group.id": group, "enable.auto.commit": False, **settings}, logger=log)


@contextmanager
def reading(options: KafkaOptions, group: str = "stateflow") -> Iterator[Consumer]:
    """Give a consumer to look something up with, and close it.

    Raises:
        BrokerUnreachable: a look-up in the block failed.
    """
    consumer = open_consumer(options, group)
    try:
        yield consumer
    except KafkaException as error:
        raise BrokerUnreachable(options.brokers, options.connect_timeout_s, error.args[0].str()) from None
    finally:
        consumer.close()
