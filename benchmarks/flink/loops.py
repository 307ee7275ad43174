"""The same pattern of requests for all jobs: how many a second, how long the replies take, and what a request costs."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from benchmarks.flink.cpu import cpu_seconds, thread_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Ask = Callable[[int, Callable[[], object]], object]

__all__ = ["KEYS", "Costs", "closed_loop", "open_loop"]

KEYS = 2000

REPLY_S = 60.0
"""How long a reply may take before the measurement fails."""


_BY_THREAD = ("client", "task_manager")
"""The processes whose threads are told apart. All of Python's own have one name."""


class Costs:
    """What the processes of a run take of the processor, between two moments.

    Args:
        pids: the processes beside this one, by name.
    """

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = {"client": os.getpid(), **pids}
        self._before = self._now()
        self._threads = {name: thread_seconds(pid) for name, pid in self._pids.items() if name in _BY_THREAD}

    def _now(self) -> dict[str, float]:
        return {name: cpu_seconds(pid) for name, pid in self._pids.items()}

    def each(self, requests: int) -> dict[str, Any]:
        """Return microseconds for each request, of each process, and of the threads that take most of the client and the TaskManager."""
        taken = {name: (after - self._before[name]) * 1e6 / requests for name, after in self._now().items()}
        threads = {f"{name}_threads_us": self._by_thread(name, requests) for name in self._threads}
        return {"cpu_us": {name: round(us, 1) for name, us in taken.items()}, **threads}

    def _by_thread(self, name: str, requests: int) -> dict[str, float]:
        threads = Counter(thread_seconds(self._pids[name]))
        threads.subtract(self._threads[name])
        return {thread: round(seconds * 1e6 / requests, 1) for thread, seconds in threads.most_common(8) if seconds > 0}


def closed_loop(ask: Ask, outstanding: int, seconds: float, pids: Mapping[str, int]) -> dict[str, Any]:
    """Keep so many requests outstanding; return the replies a second in the second half of the time, and what they cost.

    The time begins with the first reply. A thread of its own sends, so that nothing but the clock decides when it is half over.
    """
    replies = Replies(outstanding)
    ending = threading.Event()

    def send() -> None:
        draw = random.Random(1)
        while not ending.is_set():
            replies.take_room()
            ask(draw.randrange(KEYS), replies.done)

    with ThreadPoolExecutor(1) as executor:
        sending = executor.submit(send)
        try:
            replies.wait_first()
            ending.wait(seconds / 2)
            begin, before, costs = time.monotonic(), replies.count, Costs(pids)
            ending.wait(seconds / 2)
            count, took = max(replies.count - before, 1), time.monotonic() - begin
            found = {"per_second": round(count / took, 1), **costs.each(count)}
        finally:
            ending.set()
        sending.result()
    for _ in range(outstanding):
        replies.take_room()
    if "task_manager" in pids:
        found["per_second_of_task_manager"] = round(1e6 / found["cpu_us"]["task_manager"])
    return found


class Replies:
    """Counts replies, and says for how many more requests there is room."""

    def __init__(self, outstanding: int) -> None:
        self.count = 0
        self._room = threading.Semaphore(outstanding)
        self._first = threading.Event()

    def done(self) -> None:
        """Count one; one thread calls it."""
        self.count += 1
        self._room.release()
        if self.count == 1:
            self._first.set()

    def take_room(self) -> None:
        """Wait until one more request may be outstanding."""
        assert self._room.acquire(timeout=REPLY_S), "a reply did not come"

    def wait_first(self) -> None:
        """Wait for the first reply."""
        assert self._first.wait(REPLY_S), "no reply came"


def open_loop(ask: Ask, rate: float, seconds: float) -> dict[str, float]:
    """Send at a steady rate; return the latency from the intended moment of sending, in milliseconds, of all but the first quarter."""
    latencies: list[tuple[float, float]] = []
    draw = random.Random(2)
    begin = time.monotonic()
    count = int(rate * seconds)
    finished = threading.Semaphore(0)
    for number in range(count):
        due = begin + number / rate
        time.sleep(max(0.0, due - time.monotonic()))

        def done(due: float = due) -> None:
            latencies.append((due, time.monotonic() - due))
            finished.release()

        ask(draw.randrange(KEYS), done)
    for _ in range(count):
        assert finished.acquire(timeout=REPLY_S), "a reply did not come"
    ordered = sorted(taken for due, taken in latencies if due >= begin + seconds / 4)
    places = {"p50_ms": 0.5, "p90_ms": 0.9, "p99_ms": 0.99, "max_ms": 1}
    return {name: round(ordered[min(int(len(ordered) * place), len(ordered) - 1)] * 1000, 2) for name, place in places.items()}
