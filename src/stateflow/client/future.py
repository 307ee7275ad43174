"""The future of a reply: one class for threads that block and for asyncio tasks that await."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from stateflow.client.arrivals import arrivals_in
from stateflow.client.waiting import check_may_wait
from stateflow.errors import OutcomeUnknown
from stateflow.logs import describe

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Generator
    from types import TracebackType

__all__ = ["StateflowFuture"]

T = TypeVar("T")

_log = logging.getLogger("stateflow.client")


class StateflowFuture(Generic[T]):
    """The reply to one request, now or later.

    `future.get()` blocks the calling thread; `await future` waits in an asyncio task. Both may be done many times, by many threads
    and in several event loops; each gets the same value or the same exception. An exception of the user's method is raised as itself.

    Attributes:
        request_id: names the request; a time-out reports it too.
    """

    __slots__ = ("__weakref__", "_callbacks", "_context", "_done", "_error", "_lock", "_retrieved", "_traceback", "_value", "request_id")

    # Set when they are there: a client makes one of these for each request.
    _value: T
    _traceback: TracebackType | None
    _context: BaseException | None

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        self._lock = threading.Lock()
        self._callbacks: tuple[Callable[[StateflowFuture[T]], object], ...] = ()
        self._done = False
        self._retrieved = False
        self._error: BaseException | None = None

    def done(self) -> bool:
        """Tell whether the reply is here."""
        return self._done

    def get(self, timeout: float | None = None) -> T:
        """Return the reply's value, waiting for it.

        Args:
            timeout: how long to wait at most, in seconds; None waits without end.

        Raises:
            OutcomeUnknown: no reply in time. The request may still take effect; a later `get` can wait on.
            ConfigurationError: called inside a method of an entity, or in a callback of a future, where waiting would never end.
            Exception: what the user's method raised.
        """
        try:
            self._wait(timeout)
            return self._outcome()
        finally:
            # The traceback of what is raised holds this frame, which would hold the exception by the future: a cycle that keeps
            # the caller's variables alive.
            del self

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Return the exception that the request ended with, or None. Waits and raises as `get` does for a time-out."""
        self._wait(timeout)
        self._retrieved = True
        if self._error is not None:
            self._restore(self._error)
        return self._error

    @property
    def error_type(self) -> type[BaseException] | None:
        """The type of the exception that the request ended with, as far as it is known. To look at it is not to ask for the reply."""
        return None if self._error is None else type(self._error)

    def add_done_callback(self, callback: Callable[[StateflowFuture[T]], object]) -> None:
        """Call `callback(self)` once when the reply arrives, or now if it is here.

        It runs in the thread that brings the reply and must not block there; what it raises is logged.
        """
        with self._lock:
            if not self._done:
                self._callbacks += (callback,)
                return
        self._call(callback)

    def remove_done_callback(self, callback: Callable[[StateflowFuture[T]], object]) -> int:
        """Forget `callback`; return how many times it had been added."""
        with self._lock:
            before = len(self._callbacks)
            self._callbacks = tuple([known for known in self._callbacks if known is not callback])
            return before - len(self._callbacks)

    def set_result(self, value: T) -> bool:
        """Bring the reply's value; for transports. Return False when a reply came before, which then stays."""
        with self._lock:
            if self._done:
                return False
            self._value = value
            self._done = True
            callbacks, self._callbacks = self._callbacks, ()
        for callback in callbacks:
            self._call(callback)
        return True

    def set_exception(self, error: BaseException) -> bool:
        """Bring the exception that the request ended with; for transports. Return False when a reply came before."""
        with self._lock:
            if self._done:
                return False
            self._error, self._traceback, self._context = error, error.__traceback__, error.__context__
            self._done = True
            callbacks, self._callbacks = self._callbacks, ()
        for callback in callbacks:
            self._call(callback)
        return True

    def __await__(self) -> Generator[Any, None, T]:
        try:
            if not self._done:
                arrival, callback = self._expect()
                try:
                    yield from arrival
                finally:
                    if not self._done:
                        self.remove_done_callback(callback)
            return self._outcome()
        finally:
            del self  # see get

    def __repr__(self) -> str:
        return f"<StateflowFuture {self.request_id} {self._outcome_text()}>"

    def __del__(self) -> None:
        # A failed construction or a stopping interpreter leaves attributes unset.
        error = getattr(self, "_error", None)
        if error is not None and not self._retrieved:
            # Neither its message nor the value below: a user's data may be in them.
            told = describe(error)
            _log.error("nobody asked for the reply of request %s, which is an exception: %s", self.request_id, told)

    def _outcome_text(self) -> str:
        if not self._done:
            return "pending"
        if self._error is not None:
            return f"raised {self._error!r}"
        return f"value {self._value!r}"

    def _call(self, callback: Callable[[StateflowFuture[T]], object]) -> None:
        try:
            callback(self)
        except Exception as error:
            _log.error("a callback of request %s failed: %s", self.request_id, describe(error))

    def _wait(self, timeout: float | None) -> None:
        if self._done:
            return
        check_may_wait()
        arrived = threading.Lock()
        arrived.acquire()

        def release(_: StateflowFuture[T]) -> None:
            arrived.release()

        self.add_done_callback(release)
        try:
            if not arrived.acquire(timeout=_seconds(timeout)):
                raise OutcomeUnknown(self.request_id, cast("float", timeout))
        finally:
            self.remove_done_callback(release)

    def _expect(self) -> tuple[asyncio.Future[None], Callable[[StateflowFuture[T]], object]]:
        """Return a future of the running loop that the reply settles, and the callback that does it."""
        import asyncio  # a program that only blocks does not pay for importing it

        check_may_wait()
        loop = asyncio.get_running_loop()
        arrival = loop.create_future()
        arrivals = arrivals_in(loop)

        def tell_loop(_: StateflowFuture[T]) -> None:
            arrivals.add(arrival)

        self.add_done_callback(tell_loop)
        return arrival, tell_loop

    def _outcome(self) -> T:
        self._retrieved = True
        error = self._error
        if error is None:
            return self._value
        try:
            self._restore(error)
            raise error
        finally:
            # Raising inside a caller's `except` would leave that caller's exception as the context of the user's exception.
            error.__context__ = self._context
            del error, self  # see get

    def _restore(self, error: BaseException) -> None:
        """Take away the frames that earlier raises have added to the traceback."""
        error.__traceback__ = self._traceback


def _seconds(timeout: float | None) -> float:
    """Return what a lock takes for `timeout`: -1 waits without end."""
    return -1.0 if timeout is None else min(max(timeout, 0.0), threading.TIMEOUT_MAX)
