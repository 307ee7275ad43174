"""A database in memory: gone with its object. A runtime that ends may leave it to the next one, as a process that dies leaves a file."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from stateflow.core.ports import Batch, Horizon, StoredState
from stateflow.failpoints import reach

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stateflow.dataflow.history import StoredVersion
    from stateflow.protocol.keys import KeyRange

__all__ = ["MemoryDatabase"]


class MemoryDatabase:
    """Entities and replies, encoded, in dicts; the other implementation of `stateflow.core.ports.Database`."""

    def __init__(self) -> None:
        self.entities: dict[tuple[str, bytes], StoredState] = {}
        self.horizon = Horizon(1, -1)
        self.last_number = 0
        self.opens = 1
        self._replies: dict[int, bytes] = {}
        self._versions: list[StoredVersion] = []
        # The keys of each class, as the keys of dicts: in order when they were last listed, and behind them those that came since.
        self._keys: dict[str, dict[bytes, None]] = {}
        self._ordered: dict[str, list[bytes]] = {}

    def versions(self) -> Sequence[StoredVersion]:
        """Return the versions of classes that have written."""
        return self._versions

    def has_states(self, class_name: str, version: int) -> bool:
        """Tell whether there are states of a version."""
        return any(name == class_name and state.version == version for (name, _), state in self.entities.items())

    def load(self, class_name: str, key: bytes) -> StoredState | None:
        """Return the state of an entity."""
        return self.entities.get((class_name, key))

    def load_small(self, addresses: Sequence[tuple[str, bytes]]) -> dict[tuple[str, bytes], StoredState]:
        """Return the states of many entities at once."""
        return {address: self.entities[address] for address in addresses if address in self.entities}

    def absent(self, addresses: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
        """Return which of many entities do not exist."""
        return [address for address in addresses if address not in self.entities]

    def keys(self, class_name: str, keys: KeyRange, limit: int) -> list[bytes]:
        """Return the keys of a class in a range."""
        known, first, end = self._range(class_name, keys)
        return known[first : min(end, first + limit)]

    def count(self, class_name: str, keys: KeyRange) -> int:
        """Return how many entities of a class lie in a range."""
        _, first, end = self._range(class_name, keys)
        return max(0, end - first)

    def _range(self, class_name: str, keys: KeyRange) -> tuple[list[bytes], int, int]:
        """Return the keys of a class in order, and where a range of them begins and ends."""
        known = self._ordered.get(class_name)
        if known is None:
            # What is in order already costs little to sort.
            known = self._ordered[class_name] = sorted(self._keys.get(class_name, ()))
            self._keys[class_name] = dict.fromkeys(known)
        return known, bisect_left(known, keys.first), bisect_left(known, keys.end)

    def commit(self, batch: Batch) -> None:
        """Keep a batch."""
        reach("before-write")
        reach("amid-write")
        reach("before-commit")
        for change in batch.changes:
            class_name, key, state = change.class_name, change.key, change.state
            if change.is_new:
                self._keys.setdefault(class_name, {})[key] = None
                self._ordered.pop(class_name, None)
            if state is None:
                self.entities.pop((class_name, key), None)
                self._keys.get(class_name, {}).pop(key, None)
                self._ordered.pop(class_name, None)
            else:
                self.entities[class_name, key] = StoredState(change.version, state)
        self._versions += batch.versions
        self._replies[batch.number] = batch.replies
        self.last_number = batch.number
        if batch.horizon is not None:
            for number in range(self.horizon.first_number, batch.horizon.first_number):
                del self._replies[number]
            self.horizon = batch.horizon
        reach("after-commit")

    def replies(self, number: int) -> bytes:
        """Return the replies of one batch."""
        return self._replies[number]

    def all_replies(self) -> Iterator[tuple[int, bytes]]:
        """Yield the replies of each batch."""
        return iter(self._replies.items())

    def close(self) -> None:
        """Keep everything for another runtime."""
        self.opens += 1

    def abandon(self) -> None:
        """Keep what was committed for another runtime."""
        self.opens += 1
