"""The states of entities that left memory as objects: as bytes they take a quarter, and the garbage collector has nothing to follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateflow.limits import CACHED_OBJECTS_BYTES, KEPT_STATE_BYTES

if TYPE_CHECKING:
    from stateflow.core.store import Address

__all__ = ["KeptStates", "objects_bytes"]


def objects_bytes(cache_bytes: int) -> int:
    """Return what of a cache is for entities as objects."""
    return min(cache_bytes, CACHED_OBJECTS_BYTES)


class KeptStates:
    """States as they were last stored, each until it is taken.

    They are in two dicts, one after another: states come into the newer one, and leave from the older one when room is needed; when that is
    empty, the newer one takes its place. A dict of bytes alone is none that the garbage collector looks into. An `OrderedDict`, or
    one with tuples as keys, would be: it would look at each state in it whenever it looks at all objects.

    Attributes:
        bytes: what they take together.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self._newer: dict[bytes, bytes] = {}
        self._older: dict[bytes, bytes] = {}

    def __len__(self) -> int:
        return len(self._newer) + len(self._older)

    def __contains__(self, address: Address) -> bool:
        name = _name(address)
        return name in self._newer or name in self._older

    def put(self, address: Address, state: bytes) -> None:
        """Keep the state of an entity of which none is kept."""
        name = _name(address)
        self._newer[name] = state
        self.bytes += KEPT_STATE_BYTES + len(name) + len(state)

    def take(self, address: Address) -> bytes | None:
        """Return the state of an entity, and keep it no longer; None when none is kept."""
        name = _name(address)
        state = self._newer.pop(name, None) or self._older.pop(name, None)
        if state is not None:
            self.bytes -= KEPT_STATE_BYTES + len(name) + len(state)
        return state

    def shrink(self, limit_bytes: int) -> None:
        """Drop states that are too many."""
        while self.bytes > limit_bytes:
            if not self._older:
                self._older, self._newer = self._newer, {}
            name, state = self._older.popitem()
            self.bytes -= KEPT_STATE_BYTES + len(name) + len(state)


def _name(address: Address) -> bytes:
    """Return an address as one name; no name of a class has a zero in it."""
    return f"{address[0]}\0".encode() + address[1]
