"""Replies on their way into event loops.

Waking a loop is a system call, in which the thread that brings the reply loses the interpreter to the loop's thread. So replies that
come together wake a loop once, after the last of them.
"""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

__all__ = ["Arrivals", "arrivals_in", "together"]


class Arrivals:
    """Replies on their way into one event loop."""

    __slots__ = ("_is_called", "_loop", "_waiting")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        # Weakly, as the table of all these would else keep every loop of the program.
        self._loop = weakref.ref(loop)
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_called = False

    def add(self, arrival: asyncio.Future[None]) -> None:
        """Settle a future of the loop, in the loop's thread; callable from any thread."""
        self._waiting.append(arrival)
        if self._is_called:
            return
        self._is_called = True
        held = _here.held
        if held is None:
            self.wake()
        else:
            held.append(self)

    def wake(self) -> None:
        """Let the loop settle what waits."""
        loop = self._loop()
        # The loop may have been closed with the task still waiting in it: then there is nobody to tell.
        with contextlib.suppress(RuntimeError):
            if loop is not None:
                loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        # Before the first is taken: what is added from here on is either taken below or wakes the loop again.
        self._is_called = False
        waiting = self._waiting
        while waiting:
            arrival = waiting.popleft()
            if not arrival.done():
                arrival.set_result(None)


class _Here(threading.local):
    """The arrivals of the loop that ran last in this thread, and those of loops that this thread has yet to wake."""

    loop: Callable[[], asyncio.AbstractEventLoop | None] = staticmethod(lambda: None)
    arrivals: Arrivals
    held: list[Arrivals] | None = None


_here = _Here()


class together:  # read as an adverb: with together()
    """Let the replies that this thread brings inside the `with` block wake each loop once, at the end. Blocks are not nested."""

    __slots__ = ()

    def __enter__(self) -> None:
        _here.held = []

    def __exit__(self, *_: object) -> None:
        held, _here.held = _here.held, None
        for arrivals in held or ():
            arrivals.wake()


def arrivals_in(loop: asyncio.AbstractEventLoop) -> Arrivals:
    """Return the arrivals of the loop that runs in this thread."""
    # A loop runs in one thread at a time; two that take turns there have other arrivals each time, which only cost another wake-up.
    if _here.loop() is not loop:
        _here.loop, _here.arrivals = weakref.ref(loop), Arrivals(loop)
    return _here.arrivals
