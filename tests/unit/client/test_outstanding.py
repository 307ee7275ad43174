"""Requests without a reply: bounded, each answered once, none waited for without end."""

from __future__ import annotations

import itertools
import sys
import threading

import pytest

from stateflow.client.future import StateflowFuture
from stateflow.errors import OutcomeUnknown, RequestUnknown

pytest.importorskip("confluent_kafka")
from stateflow.client.kafka.outstanding import Outstanding
from stateflow.protocol.messages import Reply


def test_reply_that_comes_again_changes_nothing() -> None:
    table = Outstanding(1, 60)
    for value in range(3):
        future: StateflowFuture[int] = StateflowFuture("r")
        table.add(future)
        table.settle(Reply("r", value))
        table.settle(Reply("r", 99))
        assert future.get(0) == value


def test_every_future_of_one_request_gets_its_reply() -> None:
    table = Outstanding(2, 60)
    futures: list[StateflowFuture[int]] = [StateflowFuture("r") for _ in range(2)]
    for future in futures:
        table.add(future)
    table.settle(Reply("r", 5))
    assert [future.get(0) for future in futures] == [5, 5]
    table.add(StateflowFuture("next"))
    table.add(StateflowFuture("after"))


def test_request_is_unknown_when_all_who_may_know_it_say_so() -> None:
    table = Outstanding(2, 60)
    future: StateflowFuture[int] = StateflowFuture("r")
    table.add(future, ["0", "1"])
    for place in ("0", "0"):
        table.settle(Reply("r", error=RequestUnknown("r")), place)
    assert not future.done()
    table.settle(Reply("r", error=RequestUnknown("r")), "1")
    assert isinstance(future.exception(0), RequestUnknown)


def test_one_who_knows_is_enough() -> None:
    table = Outstanding(2, 60)
    future: StateflowFuture[int] = StateflowFuture("r")
    table.add(future, ["0", "1"])
    table.settle(Reply("r", error=RequestUnknown("r")), "0")
    table.settle(Reply("r", 3), "1")
    assert future.get(0) == 3


def test_request_that_waits_too_long_has_an_unknown_outcome() -> None:
    table = Outstanding(1, 0.0)
    future: StateflowFuture[int] = StateflowFuture("r")
    table.add(future)
    table.expire()
    assert isinstance(future.exception(0), OutcomeUnknown)
    assert not table.has("r")


def test_sender_waits_for_room() -> None:
    table = Outstanding(1, 60)
    table.add(StateflowFuture("first"))
    second = threading.Thread(target=table.add, args=(StateflowFuture("second"),))
    second.start()
    assert not table.has("second")
    table.settle(Reply("first", 1))
    second.join(60)
    assert table.has("second")


def test_requests_expire_while_other_threads_send_and_have_replies() -> None:
    table = Outstanding(4, 60)
    ending = threading.Event()

    def send(name: str) -> None:
        for number in itertools.count():
            if ending.is_set():
                return
            table.add(StateflowFuture(f"{name}-{number}"))
            table.settle(Reply(f"{name}-{number}", None))

    threads = [threading.Thread(target=send, args=(name,)) for name in "ab"]
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        # The thread that brings the replies ends with what this raises.
        for _ in range(500_000):
            table.expire()
    finally:
        ending.set()
        for thread in threads:
            thread.join()
        sys.setswitchinterval(before_s)
