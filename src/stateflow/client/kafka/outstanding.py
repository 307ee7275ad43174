"""The requests of one client that have no reply yet."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any

from stateflow.errors import OutcomeUnknown, QueueFull, RequestExpired, RequestUnknown
from stateflow.limits import HELD_REQUESTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from stateflow.client.future import StateflowFuture
    from stateflow.protocol.messages import Reply

__all__ = ["Outstanding"]


class _Entry:
    """One request: who waits for its reply, until when, and which places have not said yet that they do not know it.

    `places` is None where it is known who knows the request, as of all that are sent and not only asked about.
    """

    __slots__ = ("end_s", "futures", "places")

    def __init__(self, future: StateflowFuture[Any], end_s: float, places: Iterable[str]) -> None:
        # No list: one for each request that is outstanding is what the garbage collector would follow.
        self.futures: tuple[StateflowFuture[Any], ...] = (future,)
        self.end_s = end_s
        self.places = set(places) if places else None


class _Held:
    """A request of an event loop that waits for room: it is not sent yet."""

    __slots__ = ("end_s", "future", "places", "send")

    def __init__(self, future: StateflowFuture[Any], places: Iterable[str], send: Callable[[], object], end_s: float) -> None:
        self.future = future
        self.places = places
        self.send = send
        self.end_s = end_s


class Outstanding:
    """A bounded table of futures by request id. Safe from many threads.

    While it is full, a thread that adds one waits for room. An event loop must not wait, as nothing else of its program would run
    meanwhile: what it adds is held, and sent when there is room, those that came first before others.

    Args:
        limit: how many may wait for replies.
        timeout_s: how long each may wait, for room and for its reply.
        held: how many may wait for room.
    """

    def __init__(self, limit: int, timeout_s: float, held: int = HELD_REQUESTS) -> None:
        self._limit = limit
        self._most_held = held
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._room = threading.Condition(self._lock)
        self._blocked = 0
        self._count = 0
        # In the order of their ends, as all wait equally long.
        self._entries: dict[str, _Entry] = {}
        self._held: deque[_Held] = deque()

    def add(self, future: StateflowFuture[Any], send: Callable[[], object], places: Iterable[str] = ()) -> None:
        """Send a request and let a future wait for the reply to it, now or when there is room.

        Args:
            future: the future.
            send: sends the request. It is called once, perhaps later and by another thread; never when the future fails before.
            places: who is asked, where it is not known who knows the request; it is unknown when all of them say so.

        Raises:
            QueueFull: an event loop has too many requests that wait for room. This one was not sent.
        """
        with self._lock:
            if self._count >= self._limit:
                if _is_in_loop():
                    self._hold(future, send, places)
                    return
                self._wait_for_room()
            self._enter(future, places)
        send()

    def _wait_for_room(self) -> None:
        self._blocked += 1
        try:
            self._room.wait_for(lambda: self._count < self._limit)
        finally:
            self._blocked -= 1

    def _enter(self, future: StateflowFuture[Any], places: Iterable[str]) -> None:
        self._count += 1
        entry = self._entries.get(future.request_id)
        if entry is None:
            self._entries[future.request_id] = _Entry(future, time.monotonic() + self._timeout_s, places)
        else:
            entry.futures += (future,)

    def _hold(self, future: StateflowFuture[Any], send: Callable[[], object], places: Iterable[str]) -> None:
        if len(self._held) >= self._most_held:
            raise QueueFull(
                f"SF530: {self._limit} requests of this client have no reply yet, and {self._most_held} more wait for room, which is the "
                "most; await some of them before you send others"
            )
        self._held.append(_Held(future, places, send, time.monotonic() + self._timeout_s))

    def has(self, request_id: str) -> bool:
        """Tell whether somebody waits for this reply."""
        return request_id in self._entries

    def take(self, request_ids: Iterable[str]) -> list[Sequence[StateflowFuture[Any]]]:
        """Take those that wait for replies, which the caller has, and gives to them.

        Returns:
            For each request those that wait for it. Nobody, where the reply came before, and where several places were asked: what one of
            these says may not be the last word, so it is for `settle`.
        """
        with self._lock:
            entries = self._entries
            found: list[Sequence[StateflowFuture[Any]]] = []
            for request_id in request_ids:
                entry = entries.get(request_id)
                if entry is None or entry.places is not None:
                    found.append(())
                else:
                    del entries[request_id]
                    found.append(entry.futures)
            let_in = self._make_room(sum(map(len, found)))
        for each in let_in:
            each.send()
        return found

    def settle(self, reply: Reply, place: str = "") -> None:
        """Give a reply to those that wait for it. Replies that come again change nothing.

        Args:
            reply: the reply.
            place: who sent it.
        """
        if isinstance(reply.error, (RequestUnknown, RequestExpired)) and self._may_know_elsewhere(reply.request_id, place):
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
            held, self._held = self._held, deque()
            left = list(self._entries)
        for each in held:
            each.future.set_exception(error)
        for request_id in left:
            self.fail(request_id, error)

    def expire(self) -> None:
        """Report requests that have waited too long."""
        now_s = time.monotonic()
        while (held := self._held_until(now_s)) is not None:
            held.future.set_exception(
                QueueFull(
                    f"SF530: request {held.future.request_id} was not sent: {self._limit} requests of this client were without a reply for "
                    f"{self._timeout_s:g} s; does the engine run?"
                )
            )
        while (request_id := self._oldest_until(now_s)) is not None:
            self.fail(request_id, OutcomeUnknown(request_id, self._timeout_s))

    def _held_until(self, now_s: float) -> _Held | None:
        """Take the request that has waited for room longest, if it has waited too long."""
        with self._lock:
            return self._held.popleft() if self._held and self._held[0].end_s <= now_s else None

    def _oldest_until(self, now_s: float) -> str | None:
        """Return the request that has waited longest, if it has waited too long."""
        # Another thread that sends between the two steps of looking for the first would make this fail.
        with self._lock:
            oldest = next(iter(self._entries.items()), None)
            return oldest[0] if oldest is not None and oldest[1].end_s <= now_s else None

    def _may_know_elsewhere(self, request_id: str, place: str) -> bool:
        with self._lock:
            entry = self._entries.get(request_id)
            if entry is None or entry.places is None:
                return False
            entry.places.discard(place)
            return bool(entry.places)

    def _take(self, request_id: str) -> Sequence[StateflowFuture[Any]]:
        with self._lock:
            entry = self._entries.pop(request_id, None)
            if entry is None:
                return ()
            let_in = self._make_room(len(entry.futures))
        for each in let_in:
            each.send()
        return entry.futures

    def _make_room(self, count: int) -> list[_Held]:
        """Let others in where so many have left; return those that are to be sent now."""
        self._count -= count
        found: list[_Held] = []
        while self._held and self._count < self._limit:
            held = self._held.popleft()
            self._enter(held.future, held.places)
            found.append(held)
        if self._blocked:
            self._room.notify(count)
        return found


def _is_in_loop() -> bool:
    """Tell whether an event loop runs in this thread."""
    import asyncio  # a program that only blocks does not pay for importing it

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
