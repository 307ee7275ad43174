"""Options of runtimes and clients, with their defaults and reasons."""

from __future__ import annotations

from msgspec import Struct

from stateflow import limits
from stateflow.errors import ConfigurationError

__all__ = ["LocalOptions"]


class LocalOptions(Struct, frozen=True, kw_only=True):
    """Options of the embedded engine. The reasons of the defaults are in `stateflow.limits`.

    Attributes:
        queue_limit: requests that may wait for the engine; a client that submits more waits for room.
        close_timeout_s: how long `close` waits for the request that is running. A method that never ends must not keep the
            program from ending.
        commit_requests: requests that share one commit, at most.
        cache_bytes: what the entities in memory may take together, estimated; 0 keeps none from one commit to the next.
        transaction_operations: operations on entities and calls of resumable methods in one transaction, at most; one that takes more is
            undone. It keeps a loop that never ends from stopping the engine.
        ledger_requests: past requests whose replies are kept, at most. At least three quarters of the bound are always kept.
        ledger_bytes: what these replies may take together, at most.
        ledger_s: how long a reply is kept, at most.
        allow_newer: open a file that newer versions of the classes have written to, and take over their states as if these versions came
            after them. What the newer versions added is lost where these change an entity.
        allow_unknown: open a file that has entities of classes that the dataflow does not have, and leave them where they are.
    """

    queue_limit: int = limits.QUEUE_REQUESTS
    close_timeout_s: float = 5.0
    commit_requests: int = limits.COMMIT_REQUESTS
    cache_bytes: int = limits.CACHE_BYTES
    transaction_operations: int = limits.TRANSACTION_OPERATIONS
    ledger_requests: int = limits.LEDGER_REQUESTS
    ledger_bytes: int = limits.LEDGER_BYTES
    ledger_s: float = limits.LEDGER_S
    allow_newer: bool = False
    allow_unknown: bool = False

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                wanted = "cannot be negative" if least == 0 else f"must be at least {least}"
                raise ConfigurationError(f"SF540: {name} is {getattr(self, name)}; it {wanted}")


_LEAST = {
    "queue_limit": 1,
    "close_timeout_s": 0,
    "commit_requests": 1,
    "cache_bytes": 0,
    "transaction_operations": 1,
    "ledger_requests": 4,
    "ledger_bytes": 4,
    "ledger_s": 0,
}
