"""What the core needs of a database: encoded entities by class and key, and the replies of past requests, in numbered batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from stateflow.dataflow.history import StoredVersion
    from stateflow.protocol.keys import KeyRange

__all__ = ["Batch", "Change", "Database", "Horizon", "StoredState"]


class StoredState(NamedTuple):
    """The state of one entity, and the number of the version of its class that wrote it."""

    version: int
    data: bytes


class Change(Struct, frozen=True, gc=False):
    """The new state of one entity. `state` None deletes it; `is_new` says that the database did not hold it before.

    `class_name` is the class's stored name; `version` is one of the database's or one that comes with the same batch.
    """

    class_name: str
    key: bytes
    state: bytes | None
    is_new: bool
    version: int

    @property
    def address(self) -> tuple[str, bytes]:
        """The stored name of the class, and the key."""
        return self.class_name, self.key


class Horizon(NamedTuple):
    """How far the ledger reaches back: batches before `first_number` are dropped; no request in them was submitted after `time_ns`."""

    first_number: int
    time_ns: int


class Batch(NamedTuple):
    """What one commit keeps, all or nothing.

    `replies` are the encoded ledger entries, `horizon` is given when it moved, `versions` are those that are new.
    """

    number: int
    changes: Sequence[Change]
    replies: bytes
    horizon: Horizon | None = None
    versions: Sequence[StoredVersion] = ()


class Database(Protocol):
    """Keeps entities and the request ledger. One thread at a time uses it.

    Attributes:
        horizon: as the last commit left it.
        last_number: the number of the last batch, 0 at first; numbers have no gaps.
        opens: how many times it was opened, this time included.
    """

    horizon: Horizon
    last_number: int
    opens: int

    def versions(self) -> Sequence[StoredVersion]:
        """Return the versions of classes that have written to the database.

        Raises:
            DatabaseDamaged: one is damaged.
        """

    def has_states(self, class_name: str, version: int) -> bool:
        """Tell whether there are states of a version. It may have to look at all states of the class."""

    def load(self, class_name: str, key: bytes) -> StoredState | None:
        """Return the state of an entity; None when there is none. `class_name` is the class's stored name.

        Raises:
            DatabaseDamaged: the state is there but damaged, or cannot be found although it was written.
        """

    def load_small(self, addresses: Sequence[tuple[str, bytes]]) -> dict[tuple[str, bytes], StoredState]:
        """Return the states of many entities at once, by stored name of the class and key.

        One that does not exist, is large, or cannot be read is left out; `load` tells which it is.
        """

    def absent(self, addresses: Sequence[tuple[str, bytes]]) -> Collection[tuple[str, bytes]]:
        """Return which of many entities do not exist, as `load` would find. Of those that are left out, `load` tells."""

    def keys(self, class_name: str, keys: KeyRange, limit: int) -> Sequence[bytes]:
        """Return the keys of the entities of a class that lie in a range: the first `limit` of them, in order."""

    def count(self, class_name: str, keys: KeyRange) -> int:
        """Return how many entities of a class lie in a range."""

    def commit(self, batch: Batch) -> None:
        """Keep a batch; it is durable when this returns.

        Raises:
            CommitFailed: nothing of the batch is kept; later batches may succeed.
        """

    def replies(self, number: int) -> bytes:
        """Return the replies of one batch that is not before the horizon."""

    def all_replies(self) -> Iterator[tuple[int, bytes]]:
        """Yield number and replies of each batch from the horizon on, in order.

        Raises:
            DatabaseDamaged: one is missing or damaged.
        """

    def close(self) -> None:
        """Leave everything in order for the next opening. May be called again."""

    def abandon(self) -> None:
        """Let go of everything as a process that dies does: only what was committed stays."""
