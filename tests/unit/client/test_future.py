"""What a StateflowFuture promises to threads and to event loops."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from stateflow.client.arrivals import together
from stateflow.client.future import StateflowFuture
from stateflow.client.waiting import executing
from stateflow.errors import ConfigurationError, OutcomeUnknown


class OutOfStock(Exception):
    """A user's exception."""


def failed(error: BaseException) -> StateflowFuture[int]:
    future: StateflowFuture[int] = StateflowFuture("r-1")
    future.set_exception(error)
    return future


def raised_in(depth: int) -> OutOfStock:
    def sell() -> None:
        raise OutOfStock(depth)

    try:
        sell()
    except OutOfStock as error:
        return error
    raise AssertionError


def test_get_returns_the_value_that_arrived_before() -> None:
    future: StateflowFuture[list[int]] = StateflowFuture("r-1")
    future.set_result([1, 2])
    assert future.done()
    assert future.get() == [1, 2]
    assert future.get(timeout=0) == [1, 2]
    assert future.exception() is None


def test_get_waits_for_a_value_of_another_thread() -> None:
    future: StateflowFuture[str] = StateflowFuture("r-1")
    with ThreadPoolExecutor(8) as threads:
        waiting = [threads.submit(future.get, 10) for _ in range(8)]
        future.set_result("tea")
        assert [w.result(10) for w in waiting] == ["tea"] * 8


@pytest.mark.parametrize("timeout", [0, 0.01, -1, 1e-9])
def test_a_time_out_says_that_the_outcome_is_unknown_and_of_which_request(timeout: float) -> None:
    future: StateflowFuture[int] = StateflowFuture("r-7")
    with pytest.raises(OutcomeUnknown, match="r-7") as caught:
        future.get(timeout)
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.request_id == "r-7"
    future.set_result(3)
    assert future.get() == 3, "a reply after the time-out is still delivered"


def test_a_time_out_longer_than_the_clock_can_count_is_a_long_wait() -> None:
    future: StateflowFuture[int] = StateflowFuture("r-1")
    future.add_done_callback(lambda _: None)
    threading.Thread(target=future.set_result, args=(3,), daemon=True).start()
    assert future.get(timeout=1e300) == 3


def test_a_user_exception_is_raised_as_itself_by_every_get() -> None:
    error = OutOfStock("tea", 3)
    future = failed(error)
    for _ in range(3):
        with pytest.raises(OutOfStock) as caught:
            future.get()
        assert caught.value is error
    assert future.exception() is error


def test_the_traceback_does_not_grow_from_one_get_to_the_next() -> None:
    error = raised_in(2)
    future = failed(error)
    lengths = set()
    for _ in range(4):
        try:
            future.get()
        except OutOfStock as caught:
            lengths.add(len(traceback.extract_tb(caught.__traceback__)))
    assert len(lengths) == 1
    assert "sell" in "".join(traceback.format_tb(error.__traceback__)), "the frames of the user's method stay"


def test_raising_inside_an_except_block_keeps_the_exceptions_own_context() -> None:
    error = OutOfStock("tea")
    error.__context__ = KeyError("tea")
    future = failed(error)
    try:
        raise ValueError("of the caller")
    except ValueError:
        with pytest.raises(OutOfStock):
            future.get()
    assert isinstance(error.__context__, KeyError)


def test_the_first_reply_stays() -> None:
    future: StateflowFuture[int] = StateflowFuture("r-1")
    assert future.set_result(1) is True
    assert future.set_result(2) is False
    assert future.set_exception(OutOfStock()) is False
    assert future.get() == 1


def test_callbacks_run_once_before_and_after_the_reply() -> None:
    future: StateflowFuture[int] = StateflowFuture("r-1")
    seen: list[tuple[str, int]] = []
    future.add_done_callback(lambda f: seen.append(("before", f.get())))
    future.set_result(1)
    future.add_done_callback(lambda f: seen.append(("after", f.get())))
    future.set_result(2)
    assert seen == [("before", 1), ("after", 1)]


def test_a_removed_callback_does_not_run() -> None:
    future: StateflowFuture[int] = StateflowFuture("r-1")
    seen: list[object] = []
    future.add_done_callback(seen.append)
    assert future.remove_done_callback(seen.append) == 0, "a bound method is a new object each time"
    callback = seen.append
    future.add_done_callback(callback)
    assert future.remove_done_callback(callback) == 1
    future.set_result(1)
    assert seen == [future]


def test_a_failing_callback_is_logged_and_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    future: StateflowFuture[int] = StateflowFuture("r-1")
    seen: list[object] = []
    future.add_done_callback(lambda _: 1 / 0)
    future.add_done_callback(seen.append)
    future.set_result(1)
    assert seen == [future]
    assert "ZeroDivisionError" in caplog.text


def test_await_gives_the_value_to_many_tasks_of_one_loop() -> None:
    future: StateflowFuture[int] = StateflowFuture("r-1")

    async def one() -> int:
        return await future

    async def all_of_them() -> list[int]:
        tasks = [asyncio.create_task(one()) for _ in range(20)]
        await asyncio.sleep(0)
        await asyncio.to_thread(future.set_result, 5)
        return await asyncio.gather(*tasks)

    assert asyncio.run(all_of_them()) == [5] * 20


def test_await_works_in_several_loops_at_once() -> None:
    future: StateflowFuture[int] = StateflowFuture("r-1")
    ready = threading.Barrier(4)

    async def one() -> int:
        task = asyncio.ensure_future(future)
        await asyncio.sleep(0)
        ready.wait(10)
        return await task

    with ThreadPoolExecutor(3) as threads:
        loops = [threads.submit(asyncio.run, one()) for _ in range(3)]
        ready.wait(10)
        future.set_result(7)
        assert [loop.result(10) for loop in loops] == [7, 7, 7]


def test_await_raises_the_exception_and_gather_takes_futures() -> None:
    async def main() -> list[object]:
        good: StateflowFuture[int] = StateflowFuture("r-1")
        good.set_result(1)
        with pytest.raises(OutOfStock):
            await failed(OutOfStock())
        return list(await asyncio.gather(good, failed(OutOfStock("tea")), return_exceptions=True))

    value, error = asyncio.run(main())
    assert value == 1
    assert isinstance(error, OutOfStock)


def test_a_cancelled_task_leaves_the_future_to_the_others() -> None:
    future: StateflowFuture[int] = StateflowFuture("r-1")

    async def main() -> int:
        impatient = asyncio.ensure_future(future)
        patient = asyncio.ensure_future(future)
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.wait([impatient])
        assert impatient.cancelled()
        future.set_result(4)
        return await patient

    assert asyncio.run(main()) == 4


def test_a_reply_after_the_loop_has_ended_is_still_delivered_elsewhere() -> None:
    future: StateflowFuture[int] = StateflowFuture("r-1")
    loop = asyncio.new_event_loop()

    async def wait() -> int:
        return await future

    waiting = wait()
    task = loop.create_task(waiting)
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    future.set_result(4)
    assert future.get() == 4
    task._log_destroy_pending = False  # type: ignore[attr-defined]
    waiting.close()


def test_wait_for_gives_up_without_losing_the_reply() -> None:
    future: StateflowFuture[int] = StateflowFuture("r-1")

    async def main() -> int:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(future, 0.001)
        future.set_result(4)
        return await future

    assert asyncio.run(main()) == 4


def test_waiting_inside_a_method_is_refused_at_once() -> None:
    future: StateflowFuture[int] = StateflowFuture("r-1")
    with executing(), pytest.raises(ConfigurationError, match="inside methods call other entities as plain Python does"):
        future.get()


def test_an_exception_that_nobody_asked_for_is_logged_by_its_type_without_its_message(caplog: pytest.LogCaptureFixture) -> None:
    failed(OutOfStock("tea"))
    gc.collect()
    assert "r-1" in caplog.text
    assert "OutOfStock" in caplog.text
    assert "tea" not in caplog.text


@pytest.mark.parametrize("ask", ["get", "exception"])
def test_an_exception_that_was_asked_for_is_not_logged(ask: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    future = failed(OutOfStock("tea"))
    with contextlib.suppress(OutOfStock):
        getattr(future, ask)()
    del future
    gc.collect()
    assert caplog.text == ""


def test_repr_shows_the_request_and_its_outcome() -> None:
    future: StateflowFuture[int] = StateflowFuture("r-1")
    assert repr(future) == "<StateflowFuture r-1 pending>"
    future.set_result(3)
    assert repr(future) == "<StateflowFuture r-1 value 3>"
    error = failed(OutOfStock("tea"))
    assert repr(error) == "<StateflowFuture r-1 raised OutOfStock('tea')>"
    assert error.exception() is not None


def test_a_failed_get_adds_no_cycle_of_its_own_that_keeps_the_callers_variables() -> None:
    class Big:
        pass

    def caller(futures: list[StateflowFuture[int]]) -> None:
        big = Big()
        try:
            futures.pop().get()
        except OutOfStock:
            assert big

    gc.collect()
    gc.disable()
    try:
        caller([failed(OutOfStock())])
        assert not [o for o in gc.get_objects() if isinstance(o, Big)]
    finally:
        gc.enable()


def test_replies_that_come_together_wake_a_loop_once() -> None:
    futures: list[StateflowFuture[int]] = [StateflowFuture(str(number)) for number in range(10)]

    async def one(future: StateflowFuture[int]) -> int:
        return await future

    async def all_of_them() -> tuple[list[int], int]:
        loop, wakes = asyncio.get_running_loop(), 0
        wake = loop.call_soon_threadsafe

        def counted(*args: Any, **kwargs: Any) -> Any:
            nonlocal wakes
            wakes += 1
            return wake(*args, **kwargs)

        def bring() -> None:
            with together():
                for number, future in enumerate(futures):
                    future.set_result(number)

        tasks = [asyncio.create_task(one(future)) for future in futures]
        await asyncio.sleep(0)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(loop, "call_soon_threadsafe", counted)
            thread = threading.Thread(target=bring)
            thread.start()
            return await asyncio.gather(*tasks), wakes

    assert asyncio.run(all_of_them()) == (list(range(10)), 1)
