"""A client alone, under many threads, tasks and event loops at once: each gets its own reply, waits for room, and may give up."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import random
import threading
import weakref
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from stateflow.client import StateflowFuture
from stateflow.errors import OutcomeUnknown
from stateflow.options import LocalOptions
from stateflow.protocol.messages import Reply, Request
from stateflow.references import ReferenceTable
from stateflow.runtime.local import LocalClient, LocalRuntime
from tests.unit.client.recording import Flow, Item, User

THREADS, TASKS, EACH = 64, 1_000, 20


class OutOfStock(Exception):
    """A user's exception."""


class Engine:
    """Answers with the argument of the request, or with an exception that holds it; stands still until it is opened.

    Attributes:
        open: whether requests are answered.
        entered: set when the first request is inside.
        seen: how often each argument came.
    """

    def __init__(self, *, is_open: bool = True) -> None:
        self.open, self.entered = threading.Event(), threading.Event()
        self.seen: Counter[int] = Counter()
        self.ids: set[str] = set()
        if is_open:
            self.open.set()

    def execute(self, request: Request, references: ReferenceTable) -> Reply:
        self.entered.set()
        assert self.open.wait(60)
        (number,) = request.args
        self.seen[number] += 1
        self.ids.add(request.request_id)
        if number % 7 == 0:
            return Reply(request.request_id, error=OutOfStock(number))
        return Reply(request.request_id, number)


def runtime_over(engine: Engine, **options: Any) -> LocalRuntime:
    return LocalRuntime(Flow(Item, User), executor=engine, options=LocalOptions(**options))  # type: ignore[arg-type]


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def client(engine: Engine) -> Iterator[LocalClient]:
    with runtime_over(engine) as runtime, runtime.client(bind=False) as client:
        yield client


def send(client: LocalClient, number: int) -> StateflowFuture[bool]:
    return client.call(Item.update_stock, client.ref(Item, f"item-{number % 50}"), number)


def value_of(future: StateflowFuture[bool]) -> Any:
    try:
        return future.get(60)
    except OutOfStock as error:
        return error.args[0]


async def awaited(future: StateflowFuture[bool]) -> Any:
    try:
        return await future
    except OutOfStock as error:
        return error.args[0]


def check_seen(engine: Engine, count: int) -> None:
    assert engine.seen == Counter(range(count)), "each request came once"
    assert len(engine.ids) == count, "and had an id of its own"


def test_64_threads_with_many_requests_outstanding_each_get_their_own_replies(client: LocalClient, engine: Engine) -> None:
    def work(thread: int) -> bool:
        numbers = list(range(thread * EACH, (thread + 1) * EACH))
        futures = [(number, send(client, number)) for number in numbers]
        random.Random(thread).shuffle(futures)
        return all(value_of(future) == number for number, future in futures)

    with ThreadPoolExecutor(THREADS) as threads:
        assert all(threads.map(work, range(THREADS)))
    check_seen(engine, THREADS * EACH)


def test_1000_tasks_with_many_requests_outstanding_each_get_their_own_replies(client: LocalClient, engine: Engine) -> None:
    async def work(task: int) -> bool:
        numbers = range(task * EACH, (task + 1) * EACH)
        return await asyncio.gather(*[awaited(send(client, number)) for number in numbers]) == list(numbers)

    async def work_all() -> list[bool]:
        return await asyncio.gather(*[work(task) for task in range(TASKS)])

    assert all(asyncio.run(work_all()))
    check_seen(engine, TASKS * EACH)


def test_threads_and_loops_share_one_client_and_its_futures(client: LocalClient, engine: Engine) -> None:
    shared = [send(client, number) for number in range(100)]

    def block(thread: int) -> bool:
        own = 1000 + thread
        return value_of(send(client, own)) == own and [value_of(future) for future in shared] == list(range(100))

    async def work(loop: int) -> bool:
        own = [2000 + 10 * loop + n for n in range(10)]
        mine = await asyncio.gather(*[awaited(send(client, number)) for number in own])
        return mine == own and await asyncio.gather(*map(awaited, shared)) == list(range(100))

    with ThreadPoolExecutor(THREADS) as threads:
        blocking = [threads.submit(block, thread) for thread in range(THREADS // 2)]
        loops = [threads.submit(asyncio.run, work(loop)) for loop in range(THREADS // 2)]
        assert all(done.result(60) for done in [*blocking, *loops])
    assert set(engine.seen.values()) == {1}


@pytest.mark.parametrize("limit", [1, 8])
def test_full_queue_holds_back_threads_and_loops_and_loses_nothing(limit: int) -> None:
    engine = Engine(is_open=False)
    with runtime_over(engine, queue_limit=limit) as runtime, runtime.client(bind=False) as client:
        submitted = Counter[str]()
        longest = 0

        def submit(number: int) -> StateflowFuture[bool]:
            nonlocal longest
            future = send(client, number)
            submitted["all"] += 1
            longest = max(longest, len(runtime._worker._tasks))
            return future

        def block(thread: int) -> bool:
            numbers = range(thread * 5, thread * 5 + 5)
            return [value_of(future) for future in [submit(number) for number in numbers]] == list(numbers)

        async def work() -> bool:
            numbers = range(1000, 1100)
            return await asyncio.gather(*[awaited(submit(number)) for number in numbers]) == list(numbers)

        with ThreadPoolExecutor(THREADS + 1) as threads:
            working = [threads.submit(block, thread) for thread in range(THREADS)]
            looping = threads.submit(asyncio.run, work())
            assert engine.entered.wait(30)
            # One is inside and `limit` wait; all the others are held back where they submit.
            assert submitted["all"] <= limit + 1
            engine.open.set()
            assert all(done.result(60) for done in [*working, looping])
    assert longest <= limit
    assert engine.seen == Counter([*range(THREADS * 5), *range(1000, 1100)])


def test_callers_that_give_up_change_nothing_for_the_request_and_for_others() -> None:
    engine = Engine(is_open=False)
    with runtime_over(engine) as runtime, runtime.client(bind=False) as client:
        futures = [send(client, number) for number in range(1, 6)]

        def give_up(future: StateflowFuture[bool]) -> str:
            with pytest.raises(OutcomeUnknown) as late:
                future.get(0.01)
            return late.value.request_id

        with ThreadPoolExecutor(THREADS) as threads:
            patient = [threads.submit(value_of, future) for future in futures for _ in range(4)]
            ids = list(threads.map(give_up, futures))
            assert ids == [future.request_id for future in futures]
            engine.open.set()
            assert [done.result(60) for done in patient] == [number for number in range(1, 6) for _ in range(4)]
        assert engine.seen == Counter(range(1, 6))


def test_cancelled_tasks_leave_their_requests_and_other_tasks_alone_and_no_callback_behind() -> None:
    engine = Engine(is_open=False)

    async def work(client: LocalClient) -> None:
        futures = [send(client, number) for number in range(1, 7)]
        waiting = [[asyncio.ensure_future(awaited(future)) for _ in range(10)] for future in futures]
        await asyncio.sleep(0)
        assert [len(future._callbacks) for future in futures] == [10] * 6
        for tasks in waiting:
            for task in tasks[:9]:
                task.cancel()
        for tasks in waiting:
            for task in tasks[:9]:
                with pytest.raises(asyncio.CancelledError):
                    await task
        assert [len(future._callbacks) for future in futures] == [1] * 6
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await futures[0]
        assert len(futures[0]._callbacks) == 1
        engine.open.set()
        assert [await tasks[9] for tasks in waiting] == list(range(1, 7))
        assert [await future for future in futures] == list(range(1, 7)), "a later await still gets the reply"

    with runtime_over(engine) as runtime, runtime.client(bind=False) as client:
        asyncio.run(work(client))
    assert engine.seen == Counter(range(1, 7))


def test_task_group_that_fails_cancels_the_waiting_and_their_requests_still_run() -> None:
    engine = Engine(is_open=False)

    async def work(client: LocalClient) -> list[StateflowFuture[bool]]:
        futures = [send(client, number) for number in range(1, 7)]

        async def fail() -> None:
            await asyncio.sleep(0)
            raise OutOfStock("none")

        async def work_in_group() -> None:
            async with asyncio.TaskGroup() as group:
                for future in futures:
                    group.create_task(awaited(future))
                group.create_task(fail())

        with pytest.raises(ExceptionGroup):
            await work_in_group()
        return futures

    with runtime_over(engine) as runtime, runtime.client(bind=False) as client:
        futures = asyncio.run(work(client))
        engine.open.set()
        assert [value_of(future) for future in futures] == list(range(1, 7))


def test_replies_that_nobody_waits_for_any_more_are_not_kept(client: LocalClient) -> None:
    async def give_up() -> list[weakref.ref[StateflowFuture[bool]]]:
        futures = [send(client, number) for number in range(1, 7)]
        for future in futures:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(awaited(future), 30)
        return [weakref.ref(future) for future in futures]

    kept = asyncio.run(give_up())
    value_of(send(client, 8))
    gc.collect()
    assert [reference() for reference in kept] == [None] * 6
