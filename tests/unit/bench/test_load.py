from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import stateflow
from stateflow.bench.load import Load, fill, send_load
from stateflow.bench.recorder import Recorder, Window
from stateflow.bench.run import no_progress
from stateflow.bench.workload import Ask, Tally
from stateflow.client.base import StateflowClient
from stateflow.client.future import StateflowFuture
from stateflow.errors import ClientClosed, CommitFailed, EntityNotFound, OutcomeUnknown
from stateflow.protocol.messages import Operation, Request

EFFECTS = (("counted", "key", 1),)


@stateflow.entity
class Bell:
    def __init__(self, name: str) -> None:
        self.name = name

    def __key__(self) -> str:
        return self.name

    def ring(self) -> bool:
        return True


class _Client(StateflowClient):
    """Answers requests as a function says: with a value, an exception, or not."""

    def __init__(self, answer: Any) -> None:
        super().__init__(stateflow.init(Bell), bind=False)
        self.answer = answer
        self.requests: list[Request] = []

    def send(self, request: Request) -> StateflowFuture[Any]:
        future: StateflowFuture[Any] = StateflowFuture(request.request_id)
        self.requests.append(request)
        value = self.answer(len(self.requests))
        if isinstance(value, BaseException):
            future.set_exception(value)
        elif value is not None:
            future.set_result(value)
        return future


def asks(client: StateflowClient, abort: type[Exception] | None = None) -> Iterator[Ask]:
    return itertools.repeat(Ask("ring", Bell.ring, client.ref(Bell, "b"), (), EFFECTS, abort))


def test_open_loop_sends_as_many_as_are_due() -> None:
    client = _Client(lambda _: True)
    recorder = send_load(client, asks(client), Load(rate=400, warm_up_s=0.1, seconds=0.4), Tally(), no_progress)
    assert len(client.requests) == 200
    assert recorder.latencies()["ring"].count == 160


def test_latency_counts_from_the_moment_a_request_was_due() -> None:
    ticks = threading.Event()

    def stall(number: int) -> bool:
        if number == 40:
            ticks.wait(0.3)  # the whole process stands still; nobody else sends meanwhile
        return True

    client = _Client(stall)
    recorder = send_load(client, asks(client), Load(rate=200, warm_up_s=0, seconds=1), Tally(), no_progress)
    found = recorder.latencies()["ring"]
    assert found.count == 200
    # The 60 that were due during the stall waited, on average, half of it. Who counts from sending sees one slow request of 200.
    assert found.p90_ms > 50
    assert found.max_ms >= 300


def test_open_loop_that_is_behind_notes_replies_meanwhile_and_makes_no_task_for_a_request() -> None:
    tally, behind, tasks = Tally(), [], []

    def answer(number: int) -> bool:
        behind.append(number - tally.acknowledged.total())
        tasks.append(len(asyncio.all_tasks()))
        return True

    client = _Client(answer)
    load = Load(rate=1_000_000, warm_up_s=0, seconds=0.005)
    recorder = send_load(client, asks(client), load, tally, no_progress)
    assert len(client.requests) == recorder.replies == 5_000
    # All 5,000 are due when the first few were sent.
    assert max(behind) <= 64
    assert max(tasks) <= 2  # it, and who tells of its progress


def test_replies_that_another_thread_brings_after_the_last_request_are_noted() -> None:
    futures: list[StateflowFuture[Any]] = []

    class Later(_Client):
        def send(self, request: Request) -> StateflowFuture[Any]:
            futures.append(super().send(request))
            if len(futures) == 100:
                threading.Thread(target=lambda: [future.set_result(True) for future in futures]).start()
            return futures[-1]

    client, tally = Later(lambda _: None), Tally()
    recorder = send_load(client, asks(client), Load(rate=10_000, warm_up_s=0, seconds=0.01), tally, no_progress)
    assert (recorder.replies, recorder.errors, tally.acknowledged.total()) == (100, {}, 100)


@pytest.mark.parametrize("load", [Load(rate=1_000, warm_up_s=0, seconds=0.02), Load(clients=2, warm_up_s=0, seconds=0.02)])
def test_requests_that_a_client_refuses_to_send_are_errors_and_no_replies(load: Load) -> None:
    class Refusing(_Client):
        def send(self, request: Request) -> StateflowFuture[Any]:
            self.requests.append(request)
            raise ClientClosed("closed")

    client = Refusing(None)
    recorder = send_load(client, asks(client), load, Tally(), no_progress)
    assert recorder.replies == 0
    assert recorder.errors == {"ring: ClientClosed": len(client.requests)}


def test_closed_loop_has_one_request_of_each_client_under_way() -> None:
    client = _Client(lambda _: None)
    tally = Tally()
    load = Load(clients=7, warm_up_s=0, seconds=0.1, drain_s=0.1)
    recorder = send_load(client, asks(client), load, tally, no_progress)
    assert len(client.requests) == 7
    assert recorder.errors == {"ring: no reply": 7}
    assert tally.unknown == {("counted", "key"): 7}
    assert tally.acknowledged == {}


@pytest.mark.parametrize(
    ("answer", "abort", "aborts", "errors", "acknowledged", "unknown"),
    [
        (True, None, {}, {}, 1, 0),
        (False, None, {"ring: refused": 1}, {}, 0, 0),
        (EntityNotFound("Bell", "b"), EntityNotFound, {"ring: EntityNotFound": 1}, {}, 0, 0),
        (EntityNotFound("Bell", "b"), None, {}, {"ring: EntityNotFound": 1}, 0, 0),
        (True, EntityNotFound, {}, {"ring: no EntityNotFound": 1}, 1, 0),
        (OutcomeUnknown("r", 1), None, {}, {"ring: OutcomeUnknown": 1}, 0, 1),
        (CommitFailed("full"), None, {}, {"ring: CommitFailed": 1}, 0, 1),
    ],
)
def test_outcomes_are_counted_by_kind(
    answer: Any, abort: type[Exception] | None, aborts: dict[str, int], errors: dict[str, int], acknowledged: int, unknown: int
) -> None:
    client, tally = _Client(lambda _: answer), Tally()
    load = Load(rate=10, warm_up_s=0, seconds=0.1)
    recorder = send_load(client, asks(client, abort), load, tally, no_progress)
    assert recorder.aborts == aborts
    assert recorder.errors == errors
    assert (tally.acknowledged.total(), tally.unknown.total()) == (acknowledged, unknown)


def test_tally_finds_what_is_lost_or_doubled_and_allows_what_is_unknown() -> None:
    tally = Tally()
    for _ in range(3):
        tally.acknowledge(EFFECTS)
    tally.doubt(EFFECTS)
    assert [tally.fault("counted", "key", found) is None for found in (2, 3, 4, 5)] == [False, True, True, False]
    assert tally.fault("counted", "key", 2) == "counted of key: 2, and 3 to 4 acknowledged"


def test_only_the_steady_window_is_measured() -> None:
    tally = Tally()
    recorder = Recorder(Window(10.0, 20.0), tally)
    ask = Ask("ring", Bell.ring, None, (), EFFECTS)
    for due, now in ((9.0, 9.5), (9.5, 10.5), (10.0, 10.25), (19.0, 21.0), (20.0, 20.5)):
        recorder.replied(ask, True, due, now)
    assert tally.acknowledged.total() == 5
    assert recorder.replies_in_window == 2
    found = recorder.latencies()["ring"]
    assert found.count == 2
    assert found.max_ms == pytest.approx(2_000, rel=0.001)


def test_percentiles_are_those_of_the_latencies() -> None:
    recorder = Recorder(Window(0.0, 100.0), Tally())
    for latency in (number / 1000 for number in range(1, 1001)):
        recorder.replied(Ask("ring", Bell.ring, None), True, 1.0, 1.0 + latency)
    found = recorder.latencies()["all"]
    assert (found.p50_ms, found.p90_ms, found.p99_ms, found.p999_ms) == pytest.approx((500, 900, 990, 999), rel=0.002)


class _LateClient(_Client):
    """Answers in the next turn of the loop, and knows what each request found without a reply."""

    def __init__(self) -> None:
        super().__init__(lambda _: None)
        self.unanswered: list[tuple[Operation, set[Operation]]] = []
        self._under_way: dict[StateflowFuture[Any], Operation] = {}

    def send(self, request: Request) -> StateflowFuture[Any]:
        future = super().send(request)
        self.unanswered.append((request.operation, set(self._under_way.values())))
        self._under_way[future] = request.operation
        future.add_done_callback(self._under_way.pop)
        asyncio.get_running_loop().call_soon(future.set_result, True)
        return future


def test_filling_with_another_kind_waits_for_the_replies_to_those_before() -> None:
    client = _LateClient()
    creations = [Ask("create", Bell, None, (str(number),)) for number in range(3)]
    calls = [Ask("ring", Bell.ring, client.ref(Bell, str(number))) for number in range(3)]
    fill(client, iter([*creations, *calls, *creations]), 9, no_progress)
    assert len(client.unanswered) == 9
    assert {operation: found - {operation} for operation, found in client.unanswered} == {Operation.CREATE: set(), Operation.CALL: set()}
    assert any(found for _, found in client.unanswered)


def test_filling_raises_what_a_creation_raised() -> None:
    client = _Client(lambda number: ValueError("no") if number == 3 else True)
    creations = (Ask("create", Bell, None, (f"b{number}",)) for number in range(5))
    with pytest.raises(ValueError, match=r"^no$"):
        fill(client, creations, 5, no_progress)
