"""A part of a place's records that is decoded while it is in use: what is under way at a place, and little of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from stateflow.core.records import Changes

__all__ = ["Section"]

T = TypeVar("T")
_encode: Final = msgspec.msgpack.Encoder().encode


class Section(Generic[T]):
    """Items under keys with one beginning. Each is read once, stays in memory until it is removed, and is written once a step.

    Args:
        changes: where they are kept.
        prefix: the beginning of their keys.
        kind: what they are.
        stored: how many the records hold.

    Attributes:
        get: returns the item under a key; None when there is none. Who changes an item puts it again. Once memory has all that the records
            hold, which is most of the time, this is the `get` of a dict: a place asks several times for each message.
        dirty: the keys of what a flush has to write.
        stored: how many the records hold since the last flush.
        size: how many there are.
    """

    def __init__(self, changes: Changes, prefix: str, kind: type[T], stored: int) -> None:
        self._changes = changes
        self._prefix = prefix
        self._decode = msgspec.msgpack.Decoder(kind).decode
        self._items: dict[str, T] = {}
        # Of those in memory, or removed since the last flush: which the records hold.
        self._known: set[str] = set()
        # How many the records hold that memory does not know. When there are none, what is not in memory is nowhere.
        self._unread = stored
        self.dirty: dict[str, None] = {}
        self.get: Callable[[str], T | None] = self._find if stored else self._items.get
        self.stored = stored
        self.size = stored

    def __len__(self) -> int:
        return self.size

    def _find(self, key: str) -> T | None:
        item = self._items.get(key)
        if item is not None:
            return item
        data = None if key in self.dirty else self._changes.get(self._prefix + key)
        if data is None:
            return None
        item = self._items[key] = self._decode(data)
        self._known.add(key)
        self._unread -= 1
        if not self._unread:
            self.get = self._items.get
        return item

    def put(self, key: str, item: T) -> None:
        """Keep an item; `get` was asked for it before."""
        if key not in self._items:
            self.size += 1
        self._items[key] = item
        self.dirty[key] = None

    def remove(self, key: str) -> None:
        """Keep an item no longer; `get` was asked for it before."""
        if self._items.pop(key, None) is not None:
            self.size -= 1
            self.dirty[key] = None

    def flush(self) -> None:
        """Write what changed. What came and went since the last time, the records never see."""
        items, known, changed, prefix = self._items, self._known, self._changes.changed, self._prefix
        for key in self.dirty:
            item = items.get(key)
            if item is not None:
                changed[prefix + key] = _encode(item)
                known.add(key)
            elif key in known:
                changed[prefix + key] = None
                known.discard(key)
        self.stored = self.size
        self.dirty = {}
