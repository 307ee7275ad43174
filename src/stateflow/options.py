"""Options of runtimes and clients, with their defaults and reasons."""

from __future__ import annotations

from msgspec import Struct

from stateflow.errors import ConfigurationError

__all__ = ["LocalOptions"]


class LocalOptions(Struct, frozen=True, kw_only=True):
    """Options of the embedded engine.

    Attributes:
        queue_limit: requests that may wait for the worker. A client that submits more waits for room, so that a fast producer
            slows down instead of filling the memory: 10,000 requests are some megabytes and a tenth of a second of work.
        close_timeout_s: how long `close` waits for the request that is running. A method that never ends must not keep the
            program from ending.
    """

    queue_limit: int = 10_000
    close_timeout_s: float = 5.0

    def __post_init__(self) -> None:
        if self.queue_limit < 1:
            raise ConfigurationError(f"SF540: queue_limit is {self.queue_limit}; it must be at least 1")
        if self.close_timeout_s < 0:
            raise ConfigurationError(f"SF540: close_timeout_s is {self.close_timeout_s}; it cannot be negative")
