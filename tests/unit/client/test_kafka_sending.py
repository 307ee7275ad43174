"""Requests that a producer does not take."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from confluent_kafka import Producer

from stateflow.client.kafka.sending import Sender
from stateflow.protocol.steps import Start

if TYPE_CHECKING:
    from collections.abc import Sequence


def _start(request_id: str) -> Start:
    return Start(request_id, 0, "call", "Item", "touch", b"", "client")


def test_who_is_told_that_the_producer_is_full_may_send_again() -> None:
    # A producer with room for one record and no broker to bring it to.
    producer = Producer({"bootstrap.servers": "127.0.0.1:1", "queue.buffering.max.messages": 1, "log_level": 0})
    lost: list[tuple[str, str]] = []
    has_all = threading.Event()

    def on_lost(request_ids: Sequence[str], reason: str) -> None:
        lost.extend((request_id, reason) for request_id in request_ids)
        if len(lost) == 1:
            sender.put(0, _start("again"))
        else:
            has_all.set()

    sender = Sender(producer, "log", "client", ["0"], on_lost)
    sender.put(0, _start("first"))
    sender.put(0, _start("second"))
    assert has_all.wait(60)
    assert [request_id for request_id, _ in lost] == ["second", "again"]
    assert all("Queue full" in reason for _, reason in lost)
    producer.purge()
    sender.close(10.0)
    assert lost[2][0] == "first"
