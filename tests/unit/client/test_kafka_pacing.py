"""How long records hold back others, and how much goes into one."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("confluent_kafka")
from stateflow.client.kafka.pacing import LEAST_HOLD_S, MOST_HOLD_S, Pace
from stateflow.client.kafka.sending import Sender
from stateflow.protocol.steps import Start, decode_envelope

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_hold_outlasts_answers_that_take_long() -> None:
    pace = Pace()
    for _ in range(10):
        pace.answered(0.1)
    assert pace.hold_s > 0.1


def test_hold_grows_until_answers_come_in_time() -> None:
    pace = Pace()
    answers_s = 0.2
    for _ in range(20):
        if pace.hold_s < answers_s:
            pace.late()
        else:
            pace.answered(answers_s)
    assert answers_s < pace.hold_s <= MOST_HOLD_S


def test_hold_is_short_again_when_answers_are() -> None:
    pace = Pace()
    for _ in range(10):
        pace.late()
    assert pace.hold_s == MOST_HOLD_S
    pace.answered(0.004)
    assert pace.hold_s < 2 * LEAST_HOLD_S


class Log:
    """A producer that keeps the ids of the requests of each record."""

    def __init__(self) -> None:
        self.records: list[list[str]] = []

    def produce(self, _: str, value: bytes, **__: object) -> None:
        self.records.append([message.request_id for message in decode_envelope(value).messages if isinstance(message, Start)])

    def poll(self, timeout_s: float) -> None:
        threading.Event().wait(timeout_s)

    def flush(self, _: float) -> None:
        pass


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def sender(log: Log, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sender]:
    # No record is late here, however slow the machine is.
    monkeypatch.setattr("stateflow.client.kafka.pacing.LEAST_HOLD_S", 1000.0)
    monkeypatch.setattr("stateflow.client.kafka.pacing.MOST_HOLD_S", 1000.0)
    producer: Any = log
    sender = Sender(producer, "log", "client", ["0"], lambda *_: None)
    yield sender
    sender.close(10.0)


def _put(sender: Sender, *request_ids: str) -> None:
    for request_id in request_ids:
        sender.put(0, Start(request_id, 0, "call", "Item", "touch", b"", "client"))


def test_first_requests_go_at_once_and_further_ones_share_a_record(sender: Sender, log: Log) -> None:
    _put(sender, "1", "2", "3", "4", "5")
    assert log.records == [["1"], ["2"]]
    sender.answered(["1"])
    assert log.records == [["1"], ["2"], ["3", "4", "5"]]


def test_record_holds_back_others_until_half_of_it_is_answered(sender: Sender, log: Log) -> None:
    _put(sender, "1", "2", "3", "4", "5", "6")
    sender.answered(["1"])
    _put(sender, "7")
    # Of 3 to 6 two have to be answered.
    sender.answered(["3"])
    assert len(log.records) == 3
    sender.answered(["5"])
    assert log.records[3:] == [["7"]]


def test_answer_to_a_record_that_closing_let_go_changes_nothing(sender: Sender, log: Log) -> None:
    _put(sender, "1", "2", "3")
    sender.close(10.0)
    assert log.records == [["1"], ["2"], ["3"]]
    sender.answered(["1", "2", "3"])
    assert log.records == [["1"], ["2"], ["3"]]
