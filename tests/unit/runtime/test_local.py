"""What the embedded engine promises whatever its executor does: order, replies, back pressure, an end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from stateflow.client.future import StateflowFuture
from stateflow.errors import ClientClosed, ConfigurationError
from stateflow.options import LocalOptions
from stateflow.protocol.messages import Reply, Request
from stateflow.references import ReferenceTable
from stateflow.runtime.local import LocalClient, LocalRuntime
from tests.unit.client.recording import Flow, Item, Recorder, User


class Gate:
    """An answer that waits until it is opened; it tells when the first request is inside."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.open = threading.Event()

    def __call__(self, request: Request, references: ReferenceTable) -> str:
        self.entered.set()
        assert self.open.wait(10)
        return request.name


def runtime_over(answer: Callable[[Request, ReferenceTable], Any], **options: Any) -> tuple[LocalRuntime, LocalClient, Recorder]:
    recorder = Recorder(answer)
    flow: Any = Flow(Item, User)
    runtime = LocalRuntime(flow, executor=recorder, seed=1, options=LocalOptions(**options))
    return runtime, runtime.client(bind=False), recorder


def stock(client: LocalClient, amount: int) -> StateflowFuture[bool]:
    return client.call(Item.update_stock, client.ref(Item, "tea"), amount)


def test_requests_of_one_thread_run_in_order() -> None:
    runtime, client, recorder = runtime_over(lambda request, _: request.args[0])
    with runtime:
        futures = [stock(client, n) for n in range(500)]
        assert [f.get(10) for f in futures] == list(range(500))
    assert [r.args[0] for r in recorder.requests] == list(range(500))


@pytest.mark.parametrize("queue_limit", [1, 16, 1000])
def test_each_request_of_many_threads_and_tasks_runs_once_one_at_a_time(queue_limit: int) -> None:
    inside = 0
    most = 0

    def answer(request: Request, _: ReferenceTable) -> int:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        inside -= 1
        return int(request.args[0])

    runtime, client, recorder = runtime_over(answer, queue_limit=queue_limit)

    def from_thread(start: int) -> list[bool]:
        return [stock(client, start + n).get(10) for n in range(50)]

    async def from_tasks(start: int) -> list[bool]:
        return list(await asyncio.gather(*(stock(client, start + n) for n in range(50))))

    with runtime, ThreadPoolExecutor(8) as threads:
        blocking = [threads.submit(from_thread, 1000 * i) for i in range(4)]
        awaiting = [threads.submit(asyncio.run, from_tasks(1000 * i)) for i in range(4, 8)]
        for i, done in enumerate([*blocking, *awaiting]):
            assert done.result(20) == [1000 * i + n for n in range(50)]
    assert len(recorder.requests) == 400
    assert len({r.request_id for r in recorder.requests}) == 400
    assert most == 1


def test_a_full_queue_makes_the_submitter_wait_and_loses_nothing() -> None:
    gate = Gate()
    runtime, client, recorder = runtime_over(gate, queue_limit=2)
    with runtime, ThreadPoolExecutor(1) as threads:
        first = stock(client, 0)
        assert gate.entered.wait(10)
        waiting = [stock(client, n) for n in (1, 2)]
        fourth = threads.submit(stock, client, 3)
        assert not fourth.done()
        gate.open.set()
        assert [f.get(10) for f in (first, *waiting, fourth.result(10))] == ["update_stock"] * 4
    assert [r.args[0] for r in recorder.requests] == [0, 1, 2, 3]


def test_closing_lets_the_running_request_end_and_fails_the_waiting_ones() -> None:
    gate = Gate()
    runtime, client, recorder = runtime_over(gate, queue_limit=1)
    running = stock(client, 0)
    assert gate.entered.wait(10)
    waiting = stock(client, 1)
    with ThreadPoolExecutor(2) as threads:
        blocked = threads.submit(stock, client, 2)
        closing = threads.submit(runtime.close)
        assert isinstance(waiting.exception(10), ClientClosed)
        assert isinstance(blocked.exception(10), ClientClosed)
        assert not closing.done()
        gate.open.set()
        closing.result(10)
    assert running.get(10) == "update_stock"
    assert [r.args[0] for r in recorder.requests] == [0]
    runtime.close()
    with pytest.raises(ClientClosed):
        stock(client, 3)


def test_closing_does_not_wait_for_ever_for_a_method_that_never_ends() -> None:
    gate = Gate()
    runtime, client, _ = runtime_over(gate, close_timeout_s=0.01)
    running = stock(client, 0)
    assert gate.entered.wait(10)
    runtime.close()
    assert not running.done()
    gate.open.set()
    assert running.get(10) == "update_stock"


def test_a_defect_of_the_engine_reaches_the_future_and_the_thread_lives_on(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Recorder):
        def execute(self, request: Request, references: ReferenceTable) -> Reply:
            if request.args[0] < 2:
                raise (ValueError, SystemExit)[request.args[0]]("defect")
            return super().execute(request, references)

    flow: Any = Flow(Item)
    with LocalRuntime(flow, executor=Broken()) as runtime:
        client = runtime.client(bind=False)
        with pytest.raises(ValueError, match="defect"):
            stock(client, 0).get(10)
        with pytest.raises(SystemExit):
            stock(client, 1).get(10)
        assert stock(client, 2).get(10)
    assert "ValueError" in caplog.text
    assert "defect" not in caplog.text


def test_a_method_that_waits_for_a_future_or_uses_a_client_fails_instead_of_hanging() -> None:
    outside: StateflowFuture[int] = StateflowFuture("r-9")

    def answer(request: Request, _: ReferenceTable) -> Any:
        return outside.get() if request.args[0] else stock(client, 1)

    runtime, client, _ = runtime_over(answer)
    with runtime:
        with pytest.raises(ConfigurationError, match="as plain Python does"):
            stock(client, 1).get(10)
        with pytest.raises(ConfigurationError, match="no part of the method's transaction"):
            stock(client, 0).get(10)


def test_a_callback_may_send_even_into_a_full_queue_but_may_not_wait() -> None:
    gate = Gate()
    runtime, client, _ = runtime_over(gate, queue_limit=1)
    followers: list[StateflowFuture[bool]] = []
    refused: list[BaseException] = []
    told = threading.Event()

    def follow(_: StateflowFuture[bool]) -> None:
        followers.extend(stock(client, n) for n in (10, 11, 12))
        try:
            followers[-1].get()
        except ConfigurationError as error:
            refused.append(error)
        told.set()

    with runtime:
        first = stock(client, 0)
        assert gate.entered.wait(10)
        first.add_done_callback(follow)
        waiting = stock(client, 1)
        gate.open.set()
        assert told.wait(10)
        assert [f.get(10) for f in (waiting, *followers)] == ["update_stock"] * 4
    assert "callback" in str(refused[0])


def test_closing_from_a_callback_does_not_wait_for_itself() -> None:
    runtime, client, _ = runtime_over(lambda request, _: 1)
    closed = threading.Event()

    def close(_: object) -> None:
        runtime.close()
        closed.set()

    stock(client, 0).add_done_callback(close)
    assert closed.wait(10)


def test_run_returns_at_once_and_no_thread_starts_before_the_first_request() -> None:
    before = threading.active_count()
    runtime, _, _ = runtime_over(lambda request, _: 1)
    runtime.run()
    assert threading.active_count() == before
    runtime.close()
    runtime.close()


def test_two_runtimes_of_one_flow_do_not_meet() -> None:
    first, client_1, recorder_1 = runtime_over(lambda request, _: "first")
    second, client_2, recorder_2 = runtime_over(lambda request, _: "second")
    with first, second:
        assert (stock(client_1, 0).get(10), stock(client_2, 0).get(10)) == ("first", "second")
    assert (len(recorder_1.requests), len(recorder_2.requests)) == (1, 1)


@pytest.mark.parametrize("wrong", [{"queue_limit": 0}, {"close_timeout_s": -1.0}])
def test_a_wrong_option_is_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(wrong))):
        LocalOptions(**wrong)
