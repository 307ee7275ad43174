"""Sends the requests of a workload from one event loop: at a rate, or as fast as some clients get replies.

At a rate (open loop), each request has a moment at which it is due, and its latency counts from there, also when the loop or the engine was
busy at that moment: a slow engine does not slow down who measures it (Tene, "How not to measure latency"). In a closed loop each client
sends when its last request was answered.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from stateflow.bench.recorder import Recorder, Window

if TYPE_CHECKING:
    from stateflow.bench.workload import Ask, Tally
    from stateflow.client.base import StateflowClient

__all__ = ["Load", "Progress", "fill", "send_load", "start"]

T = TypeVar("T")
Progress = Callable[[str, float], None]
"""Told what is being done, and which share of it is done."""

_FILL_CLIENTS = 1_024
_TICK_S = 0.25


class Load(Struct, frozen=True, kw_only=True):
    """How requests are sent.

    Attributes:
        rate: requests a second; None for a closed loop.
        clients: how many clients of a closed loop; each has one request under way.
        warm_up_s: how long it is sent before anything is measured.
        seconds: how long is measured.
        drain_s: how long is waited for the last replies.
    """

    rate: float | None = None
    clients: int = 32
    warm_up_s: float = 2.0
    seconds: float = 10.0
    drain_s: float = 60.0


def start(client: StateflowClient, ask: Ask) -> Any:
    """Send a request; return its future."""
    if ask.target is None:
        return client.create(ask.method, *ask.args)
    return client.call(ask.method, ask.target, *ask.args)


def fill(client: StateflowClient, creations: Iterator[Ask], count: int, progress: Progress) -> None:
    """Create all entities, many at once.

    Raises:
        Exception: what the first creation that failed raised.
    """
    _run(_fill(client, creations, count, progress))


def send_load(client: StateflowClient, requests: Iterator[Ask], load: Load, tally: Tally, progress: Progress) -> Recorder:
    """Send requests and wait for their replies; return what happened to them."""
    return _run(_send(client, requests, load, tally, progress))


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    # An epoll of Linux sleeps whole milliseconds, which would be in every latency; select takes microseconds.
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner:
        return runner.run(coroutine)


async def _fill(client: StateflowClient, creations: Iterator[Ask], count: int, progress: Progress) -> None:
    done = 0

    async def worker() -> None:
        nonlocal done
        for ask in creations:
            await start(client, ask)
            done += 1
            if done % 1_000 == 0:
                progress("fill", done / count)

    async with asyncio.TaskGroup() as group:
        for _ in range(_FILL_CLIENTS):
            group.create_task(worker())


async def _send(client: StateflowClient, requests: Iterator[Ask], load: Load, tally: Tally, progress: Progress) -> Recorder:
    now = asyncio.get_running_loop().time
    begin = now()
    window = Window(begin + load.warm_up_s, begin + load.warm_up_s + load.seconds)
    sender = _Sender(client, Recorder(window, tally), now)
    sending = _at_rate(sender, requests, load.rate, begin, window) if load.rate else _by_clients(sender, requests, load.clients, window)
    watching = asyncio.create_task(_watch(progress, now, begin, window))
    try:
        async with asyncio.timeout(window.end - begin + load.drain_s):
            await sending
            await sender.drain()
    except TimeoutError:
        sender.give_up()
    finally:
        watching.cancel()
    return sender.recorder


async def _watch(progress: Progress, now: Callable[[], float], begin: float, window: Window) -> None:
    while True:
        moment = now()
        if moment < window.begin:
            progress("warm up", (moment - begin) / (window.begin - begin))
        else:
            progress("measure", min(1.0, (moment - window.begin) / (window.end - window.begin)))
        await asyncio.sleep(_TICK_S)


class _Sender:
    """Sends requests, and knows which are under way."""

    def __init__(self, client: StateflowClient, recorder: Recorder, now: Callable[[], float]) -> None:
        self._client = client
        self.recorder = recorder
        self.now = now
        self._under_way: dict[int, Ask] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._count = 0

    async def send(self, ask: Ask, due: float) -> None:
        """Send one request that was due at some moment, and note its reply."""
        self._count += 1
        number = self._count
        self._under_way[number] = ask
        self.recorder.sent(due, self.now())
        try:
            value = await start(self._client, ask)
        except Exception as error:
            self.recorder.failed(ask, error, due, self.now())
        else:
            self.recorder.replied(ask, value, due, self.now())
        del self._under_way[number]

    def begin(self, ask: Ask, due: float) -> None:
        """Send one request and do not wait for its reply."""
        task = asyncio.create_task(self.send(ask, due))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self) -> None:
        """Wait for all replies."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def give_up(self) -> None:
        """Note what was not answered."""
        for ask in self._under_way.values():
            self.recorder.unanswered(ask)


async def _at_rate(sender: _Sender, requests: Iterator[Ask], rate: float, begin: float, window: Window) -> None:
    count, total = 0, round((window.end - begin) * rate)
    while count < total:
        # All that is due by now, however late it is.
        due_by_now = min(total, int((sender.now() - begin) * rate) + 1)
        for ask in islice(requests, max(0, due_by_now - count)):
            sender.begin(ask, begin + count / rate)
            count += 1
        await asyncio.sleep(max(0.0, begin + count / rate - sender.now()))


async def _by_clients(sender: _Sender, requests: Iterator[Ask], clients: int, window: Window) -> None:
    async def client() -> None:
        for ask in requests:
            due = sender.now()
            if due >= window.end:
                return
            await sender.send(ask, due)

    await asyncio.gather(*(client() for _ in range(clients)))
