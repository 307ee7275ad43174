"""The requests of one client that have no reply yet."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from stateflow.errors import OutcomeUnknown, RequestExpired, RequestUnknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stateflow.client.future import StateflowFuture
    from stateflow.protocol.messages import Reply

__all__ = ["Outstanding"]


class _Entry:
    """One request: who waits for its reply, until when, and which places have not said yet that they do not know it."""

    __slots__ = ("end_s", "futures", "places")

    def __init__(self, end_s: float, places: Iterable[str]) -> None:
        self.futures: list[StateflowFuture[Any]] = []
        self.end_s = end_s
        self.places = set(places)


class Outstanding:
    """A bounded table of futures by request id. Safe from many threads.

    Args:
        limit: how many may wait; `add` waits for room.
        timeout_s: how long each may wait.
    """

    def __init__(self, limit: int, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._room = threading.Semaphore(limit)
        # In the order of their ends, as all wait equally long.
        self._entries: dict[str, _Entry] = {}

    def add(self, future: StateflowFuture[Any], places: Iterable[str] = ()) -> None:
        """Let a future wait for the reply to its request.

        Args:
            future: the future.
            places: who is asked, where it is not known who knows the request; it is unknown when all of them say so.
        """
        self._room.acquire()
        with self._lock:
            entry = self._entries.setdefault(future.request_id, _Entry(time.monotonic() + self._timeout_s, places))
            entry.futures.append(future)

    def has(self, request_id: str) -> bool:
        """Tell whether somebody waits for this reply."""
        return request_id in self._entries

    def settle(self, reply: Reply, place: str = "") -> None:
        """Give a reply to those that wait for it. Replies that come again change nothing.

        Args:
            reply: the reply.
            place: who sent it.
        """
        if isinstance(reply.error, RequestUnknown | RequestExpired) and self._may_know_elsewhere(reply.request_id, place):
            return
        for future in self._take(reply.request_id):
            if reply.error is None:
                future.set_result(reply.value)
            else:
                future.set_exception(reply.error)

    def fail(self, request_id: str, error: BaseException) -> None:
        """Let those that wait for a reply have an error instead."""
        for future in self._take(request_id):
            future.set_exception(error)

    def fail_all(self, error: BaseException) -> None:
        """Let all have an error."""
        with self._lock:
            left = list(self._entries)
        for request_id in left:
            self.fail(request_id, error)

    def expire(self) -> None:
        """Report requests that have waited too long."""
        now_s = time.monotonic()
        while (request_id := self._oldest_until(now_s)) is not None:
            self.fail(request_id, OutcomeUnknown(request_id, self._timeout_s))

    def _oldest_until(self, now_s: float) -> str | None:
        """Return the request that has waited longest, if it has waited too long."""
        # Another thread that sends between the two steps of looking for the first would make this fail.
        with self._lock:
            oldest = next(iter(self._entries.items()), None)
            return oldest[0] if oldest is not None and oldest[1].end_s <= now_s else None

    def _may_know_elsewhere(self, request_id: str, place: str) -> bool:
        with self._lock:
            entry = self._entries.get(request_id)
            if entry is None:
                return False
            entry.places.discard(place)
            return bool(entry.places)

    def _take(self, request_id: str) -> list[StateflowFuture[Any]]:
        with self._lock:
            entry = self._entries.pop(request_id, None)
        futures = [] if entry is None else entry.futures
        if futures:
            self._room.release(len(futures))
        return futures
