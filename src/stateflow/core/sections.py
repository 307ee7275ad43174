"""A part of a place's records that is decoded while it is in use: what is under way at a place, and little of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

if TYPE_CHECKING:
    from stateflow.core.records import Changes

__all__ = ["Section"]

T = TypeVar("T")
_encode = msgspec.msgpack.Encoder().encode


class Section(Generic[T]):
    """Items under keys with one beginning. Each is read once, stays in memory until it is removed, and is written once a step.

    Args:
        changes: where they are kept.
        prefix: the beginning of their keys.
        kind: what they are.
        stored: how many the records hold.
    """

    def __init__(self, changes: Changes, prefix: str, kind: type[T], stored: int) -> None:
        self._changes = changes
        self._prefix = prefix
        self._decode = msgspec.msgpack.Decoder(kind).decode
        self._items: dict[str, T] = {}
        # Of those in memory, or removed since the last flush: which the records hold.
        self._known: set[str] = set()
        self._dirty: dict[str, None] = {}
        self.stored = stored
        self.size = stored

    def __len__(self) -> int:
        return self.size

    def get(self, key: str) -> T | None:
        """Return an item; None when there is none. Who changes it puts it again."""
        if not self.size:
            return None
        item = self._items.get(key)
        # When memory knows all that the records hold, what is not there is nowhere.
        if item is not None or key in self._dirty or len(self._known) == self.stored:
            return item
        data = self._changes.get(self._prefix + key)
        if data is None:
            return None
        item = self._items[key] = self._decode(data)
        self._known.add(key)
        return item

    def put(self, key: str, item: T) -> None:
        """Keep an item; `get` was asked for it before."""
        if key not in self._items:
            self.size += 1
        self._items[key] = item
        self._dirty[key] = None

    def remove(self, key: str) -> None:
        """Keep an item no longer; `get` was asked for it before."""
        if self._items.pop(key, None) is not None:
            self.size -= 1
            self._dirty[key] = None

    def flush(self) -> None:
        """Write what changed. What came and went since the last time, the records never see."""
        for key in self._dirty:
            item = self._items.get(key)
            if item is not None:
                self._changes.put(self._prefix + key, _encode(item))
                self._known.add(key)
            elif key in self._known:
                self._changes.remove(self._prefix + key)
                self._known.discard(key)
        self.stored = self.size
        self._dirty = {}
