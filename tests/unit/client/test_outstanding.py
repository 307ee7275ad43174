"""Requests without a reply: bounded, each answered once, none waited for without end."""

from __future__ import annotations

import asyncio
import itertools
import sys
import threading

import pytest

from stateflow.client.future import StateflowFuture
from stateflow.errors import ClientClosed, OutcomeUnknown, QueueFull, RequestUnknown

pytest.importorskip("confluent_kafka")
from stateflow.client.kafka.outstanding import Outstanding
from stateflow.protocol.messages import Reply


def sent() -> None:
    """Send nothing: these tests bring the replies."""


def test_reply_that_comes_again_changes_nothing() -> None:
    table = Outstanding(1, 60)
    for value in range(3):
        future: StateflowFuture[int] = StateflowFuture("r")
        table.add(future, sent)
        table.settle(Reply("r", value))
        table.settle(Reply("r", 99))
        assert future.get(0) == value


def test_every_future_of_one_request_gets_its_reply() -> None:
    table = Outstanding(2, 60)
    futures: list[StateflowFuture[int]] = [StateflowFuture("r") for _ in range(2)]
    for future in futures:
        table.add(future, sent)
    table.settle(Reply("r", 5))
    assert [future.get(0) for future in futures] == [5, 5]
    table.add(StateflowFuture("next"), sent)
    table.add(StateflowFuture("after"), sent)


def test_request_is_unknown_when_all_who_may_know_it_say_so() -> None:
    table = Outstanding(2, 60)
    future: StateflowFuture[int] = StateflowFuture("r")
    table.add(future, sent, ["0", "1"])
    for place in ("0", "0"):
        table.settle(Reply("r", error=RequestUnknown("r")), place)
    assert not future.done()
    table.settle(Reply("r", error=RequestUnknown("r")), "1")
    assert isinstance(future.exception(0), RequestUnknown)


def test_one_who_knows_is_enough() -> None:
    table = Outstanding(2, 60)
    future: StateflowFuture[int] = StateflowFuture("r")
    table.add(future, sent, ["0", "1"])
    table.settle(Reply("r", error=RequestUnknown("r")), "0")
    table.settle(Reply("r", 3), "1")
    assert future.get(0) == 3


def test_replies_of_one_record_are_taken_together_and_those_that_others_may_know_better_are_left() -> None:
    table = Outstanding(4, 60)
    first, again, asked = (StateflowFuture[int](request_id) for request_id in ("first", "first", "asked"))
    for future, places in ((first, ()), (again, ()), (asked, ("0", "1"))):
        table.add(future, sent, places)
    assert table.take(["other", "first", "asked", "first"]) == [(), (first, again), (), ()]
    assert table.has("asked")
    # Two have left, so that three more have room.
    for number in range(3):
        table.add(StateflowFuture(f"next {number}"), sent)


def test_all_that_wait_for_room_are_let_in_when_as_many_replies_are_taken_at_once() -> None:
    table = Outstanding(3, 60)
    for number in range(3):
        table.add(StateflowFuture(f"{number}"), sent)
    waiting = [threading.Thread(target=table.add, args=(StateflowFuture(f"later {number}"), sent)) for number in range(3)]
    for thread in waiting:
        thread.start()
    assert len(table.take(["0", "1", "2"])) == 3
    for thread in waiting:
        thread.join(10)
    assert all(table.has(f"later {number}") for number in range(3))


def test_request_that_waits_too_long_has_an_unknown_outcome() -> None:
    table = Outstanding(1, 0.0)
    future: StateflowFuture[int] = StateflowFuture("r")
    table.add(future, sent)
    table.expire()
    assert isinstance(future.exception(0), OutcomeUnknown)
    assert not table.has("r")


def test_sender_waits_for_room() -> None:
    table = Outstanding(1, 60)
    table.add(StateflowFuture("first"), sent)
    second = threading.Thread(target=table.add, args=(StateflowFuture("second"), sent))
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
            table.add(StateflowFuture(f"{name}-{number}"), sent)
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


class Loop:
    """Sends as a program in an event loop does, and knows in which order its requests went out."""

    def __init__(self, table: Outstanding) -> None:
        self.table = table
        self.sent: list[str] = []

    def send(self, *names: str) -> list[StateflowFuture[int]]:
        async def main() -> list[StateflowFuture[int]]:
            futures: list[StateflowFuture[int]] = [StateflowFuture(name) for name in names]
            for future in futures:
                self.table.add(future, lambda name=future.request_id: self.sent.append(name))  # type: ignore[misc]
            return futures

        return asyncio.run(main())


def test_full_table_holds_what_an_event_loop_sends_and_sends_it_in_its_order_when_there_is_room() -> None:
    loop = Loop(Outstanding(2, 60))
    futures = loop.send("a", "b", "c", "d", "e")
    assert loop.sent == ["a", "b"]
    assert not loop.table.has("c")
    loop.table.settle(Reply("b", 1))
    assert loop.sent == ["a", "b", "c"]
    for name in "acde":
        loop.table.settle(Reply(name, 2))
    assert loop.sent == ["a", "b", "c", "d", "e"]
    assert [future.get(0) for future in futures] == [2, 1, 2, 2, 2]


def test_event_loop_that_has_too_much_held_is_refused_and_the_request_is_not_sent() -> None:
    loop = Loop(Outstanding(1, 60, held=2))
    loop.send("a", "b", "c")
    with pytest.raises(QueueFull, match=r"SF530: 1 requests of this client have no reply yet, and 2 more wait for room"):
        loop.send("d")
    for name in "abcd":
        loop.table.settle(Reply(name, 1))
    assert loop.sent == ["a", "b", "c"]


def test_held_request_that_never_had_room_says_that_it_was_not_sent() -> None:
    loop = Loop(Outstanding(1, 0.0))
    first, second = loop.send("a", "b")
    loop.table.expire()
    assert isinstance(first.exception(0), OutcomeUnknown)
    error = second.exception(0)
    assert isinstance(error, QueueFull)
    assert "SF530: request b was not sent" in str(error)
    assert loop.sent == ["a"]


def test_held_requests_end_with_their_client() -> None:
    loop = Loop(Outstanding(1, 60))
    futures = loop.send("a", "b")
    loop.table.fail_all(ClientClosed("closed"))
    assert [type(future.exception(0)) for future in futures] == [ClientClosed, ClientClosed]
    assert loop.sent == ["a"]
