"""Connections of `stateflow serve`: how many there may be, and which one goes when there are more.

Uvicorn waits without end for the head of a request, and refuses every request while too many connections are open. So whoever opens
connections and says nothing would keep all others out. Here the oldest connection without a complete request makes room.
"""

from __future__ import annotations

import select
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol

from stateflow.limits import HTTP_CONNECTIONS, HTTP_HEAD_S

if TYPE_CHECKING:
    from asyncio import TimerHandle

__all__ = ["BoundedProtocol", "allow_connections"]

# Files, pipes and sockets of the process beside its connections.
_OTHER_FILES = 100
# How many of the oldest are looked at for what the loop has not read yet.
_LOOKED_AT = 16


def allow_connections() -> int:
    """Ask the system for as many open files as connections need; return how many connections there may be."""
    try:
        import resource
    except ImportError:
        # No Unix: open files of a process have no limit that it could raise.
        return HTTP_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = HTTP_CONNECTIONS + _OTHER_FILES
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(1, min(HTTP_CONNECTIONS, soft - _OTHER_FILES))


class BoundedProtocol(H11Protocol):
    """A connection that makes room for a newer one while it has sent no complete request."""

    # In the order of their arrival.
    _open: ClassVar[dict[BoundedProtocol, None]] = {}
    _head_timer: TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Take a connection, and drop another one when there are too many."""
        super().connection_made(transport)
        self._open[self] = None
        limit = self.config.limit_concurrency
        if limit is not None and len(self.connections) >= limit:
            self._make_room()
        self._head_timer = self.loop.call_later(HTTP_HEAD_S, self._close_without_head)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self._forget()
        super().connection_lost(exc)

    def _make_room(self) -> None:
        """Drop the oldest connection that waits for its client. Where all are at work, the new one is told 503."""
        oldest = list(islice((each for each in self._open if each is not self and each.is_idle), _LOOKED_AT))
        if oldest:
            # After a pause the loop takes thousands of connections before it reads from the first of them, whose request is there.
            found = next((each for each in oldest if not each._has_more()), oldest[0])
            found._forget()
            # At once, so that the count is right for the requests that come before the loop has closed it.
            self.connections.discard(found)
            found._abort()

    @property
    def is_idle(self) -> bool:
        """Whether the client has not sent all of a request, or has its reply."""
        cycle: Any = self.cycle
        return cycle is None or cycle.more_body or cycle.response_complete

    def _has_more(self) -> bool:
        """Tell whether the client has sent something that was not read."""
        poll = getattr(select, "poll", None)
        if poll is None:
            return False
        looking = poll()
        looking.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(looking.poll(0))

    def _close_without_head(self) -> None:
        cycle: Any = self.cycle
        if cycle is None:
            self._abort()

    def _abort(self) -> None:
        self.transport.abort()

    def _forget(self) -> None:
        self._open.pop(self, None)
        if self._head_timer is not None:
            self._head_timer.cancel()
