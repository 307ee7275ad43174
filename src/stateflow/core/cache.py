"""Which entities are in memory, and what they take there; those that were not used lately leave first (second chance)."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

from stateflow.limits import CACHED_ENTITY_BYTES, CACHED_STATE_FACTOR

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from stateflow.core.store import Record

__all__ = ["EntityCache", "cached_size"]

Name = TypeVar("Name", bound="Hashable")


def cached_size(state_bytes: int) -> int:
    """Return what an entity takes in memory, in bytes, when its state takes so many."""
    return CACHED_ENTITY_BYTES + CACHED_STATE_FACTOR * state_bytes


class EntityCache(Generic[Name]):
    """The entities in memory, by a name that each has.

    Args:
        limit_bytes: what they may take together when `shrink` returns.
        forget: drops one from memory; the next use loads it.

    Attributes:
        bytes: what they take together.
        get: returns the entity of a name that is in memory, or None.
    """

    def __init__(self, limit_bytes: int, forget: Callable[[Record], None]) -> None:
        self.bytes = 0
        self._limit_bytes = limit_bytes
        self._forget = forget
        # Not a dict, which looks at all places of former first items before it finds the first one.
        self._records: OrderedDict[Name, Record] = OrderedDict()
        self.get: Callable[[Name], Record | None] = self._records.get

    def __len__(self) -> int:
        return len(self._records)

    def put(self, name: Name, record: Record, state_bytes: int) -> None:
        """Note an entity, or how large its state has become."""
        size = cached_size(state_bytes)
        if size != record.size:
            if record.size == 0:
                self._records[name] = record
            self.bytes += size - record.size
            record.size = size

    def drop(self, name: Name) -> None:
        """Drop an entity from memory, where it is in memory."""
        record = self._records.pop(name, None)
        if record is not None:
            self._let_go(record)

    def shrink(self) -> None:
        """Drop entities that are too many."""
        records = self._records
        while self.bytes > self._limit_bytes and records:
            name, record = records.popitem(last=False)
            if record.is_recent and self._limit_bytes:
                record.is_recent = False
                records[name] = record
            else:
                self._let_go(record)

    def clear(self) -> None:
        """Know of none any more; who calls it drops them."""
        self._records.clear()
        self.bytes = 0

    def _let_go(self, record: Record) -> None:
        self.bytes -= record.size
        record.size = 0
        self._forget(record)
