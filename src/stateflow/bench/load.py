"""Sends the requests of a workload from one event loop: at a rate, or as fast as some clients get replies.

At a rate (open loop), each request has a moment at which it is due, and its latency counts from there, also when the loop or the engine was
busy at that moment: a slow engine does not slow down who measures it (Tene, "How not to measure latency"). In a closed loop each client
sends when its last request was answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import selectors
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from itertools import groupby, islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from stateflow.bench.recorder import Recorder, Window

if TYPE_CHECKING:
    from stateflow.bench.workload import Ask, Tally
    from stateflow.client.base import StateflowClient
    from stateflow.client.future import StateflowFuture

__all__ = ["Load", "Progress", "fill", "send_load", "start"]

T = TypeVar("T")
Progress = Callable[[str, float], None]
"""Told what is being done, and which share of it is done."""

_FILL_REQUESTS = 1_024
_TICK_S = 0.25
_BURST = 64
"""Requests that are sent before replies are looked at again."""


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
    """Create all entities, many at once; what is of another kind than the requests before waits for their replies.

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
    numbers = itertools.count(1)

    def tell() -> None:
        if (done := next(numbers)) % 1_000 == 0:
            progress("fill", done / count)

    # Those of one kind need none of each other. Those that come next may need them all, and over several places they would overtake them.
    for _, asks in groupby(creations, attrgetter("kind")):
        await _fill_alike(client, asks, tell)


async def _fill_alike(client: StateflowClient, asks: Iterator[Ask], tell: Callable[[], None]) -> None:
    # No task for each: what a task is made of would keep the garbage collector busy for longer than the engine works on a creation.
    under_way: deque[StateflowFuture[Any]] = deque()
    for ask in asks:
        if len(under_way) >= _FILL_REQUESTS:
            await under_way.popleft()
            tell()
        under_way.append(start(client, ask))
    for future in under_way:
        await future
        tell()


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
        self._under_way: dict[StateflowFuture[Any], tuple[Ask, float]] = {}
        self._arrived: deque[tuple[StateflowFuture[Any], float]] = deque()

    async def send(self, ask: Ask, due: float) -> None:
        """Send one request that was due at some moment, and note its reply."""
        future = self._start(ask, due)
        if future is None:
            # Who is refused at once and sends again must not keep replies from the loop.
            await asyncio.sleep(0)
            return
        # What it ends with is noted below.
        with contextlib.suppress(Exception):
            await future
        self._note(future, self.now())

    def begin(self, ask: Ask, due: float) -> None:
        """Send one request and do not wait for its reply.

        No task waits either: behind an engine that is too slow there are tens of thousands of requests, and the garbage collector looks at
        all that a task is made of again and again, for more than the engine takes.
        """
        future = self._start(ask, due)
        if future is not None:
            # In the thread that brings the reply, which must not wait for this one.
            future.add_done_callback(lambda done: self._arrived.append((done, self.now())))

    def take(self) -> None:
        """Note the replies to requests that nobody waits for."""
        while self._arrived:
            self._note(*self._arrived.popleft())

    async def drain(self) -> None:
        """Wait for all replies."""
        for future in tuple(self._under_way):
            with contextlib.suppress(Exception):
                await future
        self.take()
        # A future is done a moment before it says so to its callbacks.
        for future in tuple(self._under_way):
            self._note(future, self.now())

    def give_up(self) -> None:
        """Note what was not answered."""
        self.take()
        for ask, _ in self._under_way.values():
            self.recorder.unanswered(ask)

    def _start(self, ask: Ask, due: float) -> StateflowFuture[Any] | None:
        """Send a request; return None, with that noted, when it is refused."""
        self.recorder.sent(due, self.now())
        try:
            future: StateflowFuture[Any] = start(self._client, ask)
        except Exception as error:
            self.recorder.failed(ask, error, due, self.now())
            return None
        self._under_way[future] = (ask, due)
        return future

    def _note(self, future: StateflowFuture[Any], now: float) -> None:
        ask, due = self._under_way.pop(future)
        error = future.exception(0)
        if error is None:
            self.recorder.replied(ask, future.get(0), due, now)
        else:
            self.recorder.failed(ask, error, due, now)


async def _at_rate(sender: _Sender, requests: Iterator[Ask], rate: float, begin: float, window: Window) -> None:
    count, total = 0, round((window.end - begin) * rate)
    while count < total:
        # What is due by now, however late it is; but not so much of it that replies would have to wait, and with them what is due then.
        due_by_now = min(total, int((sender.now() - begin) * rate) + 1)
        for ask in islice(requests, min(_BURST, max(0, due_by_now - count))):
            sender.begin(ask, begin + count / rate)
            count += 1
        sender.take()
        await asyncio.sleep(max(0.0, begin + count / rate - sender.now()))


async def _by_clients(sender: _Sender, requests: Iterator[Ask], clients: int, window: Window) -> None:
    async def client() -> None:
        for ask in requests:
            due = sender.now()
            if due >= window.end:
                return
            await sender.send(ask, due)

    await asyncio.gather(*(client() for _ in range(clients)))
