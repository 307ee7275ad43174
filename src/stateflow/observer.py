"""What watches requests: a port that costs one comparison where nothing is plugged in. `stateflow.observability` has an observer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

    from stateflow.client.future import StateflowFuture
    from stateflow.protocol.messages import Request
    from stateflow.runtime.local.answers import Engine

__all__ = ["Observer", "Sizes"]


class Sizes(Struct, frozen=True):
    """How much an engine holds at one moment.

    Attributes:
        requests_waiting: requests in the queue.
        cached_entities: entities in memory.
        cached_bytes: what they take, estimated.
        loads: entities that were not in memory when they were needed, since the start.
        uses: entities that requests have used, each once a request, since the start; of requests that ended in an exception, none.
        ledger_requests: requests whose replies are kept.
    """

    requests_waiting: int
    cached_entities: int
    cached_bytes: int
    loads: int
    uses: int
    ledger_requests: int


class Observer(Protocol):
    """Watches a client's requests and an engine's work. It must neither change nor keep arguments, states and replies."""

    def send(self, request: Request, send: Callable[[Request], StateflowFuture[Any]]) -> StateflowFuture[Any]:
        """Send a request by `send` and return its future."""

    def around(self, engine: Engine, sizes: Callable[[], Sizes]) -> Engine:
        """Return an engine that does what `engine` does and is watched.

        Args:
            engine: the embedded engine.
            sizes: tells how much it holds; callable from any thread.
        """
