"""What of one place outlives a step: bytes under string keys, and the changes that a step makes to them."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Changes", "Records", "put_changes"]


class Records(Protocol):
    """Bytes by key, of one place: a dict, a table, a keyed state of an engine."""

    def get(self, key: str, /) -> bytes | None:
        """Return what was last put under a key; None when nothing is there."""


def put_changes(kept: dict[str, bytes], changes: dict[str, bytes | None]) -> None:
    """Put the changes of a step into records that are a dict."""
    for key, data in changes.items():
        if data is None:
            kept.pop(key, None)
        else:
            kept[key] = data


class Changes:
    """Records with changes on top that are not put yet.

    Args:
        records: what was put so far.

    Attributes:
        changed: the changes; None: there is nothing.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self.changed: dict[str, bytes | None] = {}

    def get(self, key: str) -> bytes | None:
        """Return what is, or will be, under a key."""
        changed = self.changed
        return changed[key] if key in changed else self._records.get(key)

    def put(self, key: str, data: bytes) -> None:
        """Put bytes under a key."""
        self.changed[key] = data

    def remove(self, key: str) -> None:
        """Leave nothing under a key."""
        self.changed[key] = None

    def take(self) -> dict[str, bytes | None]:
        """Return what changed since the last call: what to put under which key; None: nothing."""
        taken, self.changed = self.changed, {}
        return taken

    def restore(self, taken: dict[str, bytes | None]) -> None:
        """Go back to the changes that `copy` returned."""
        self.changed = dict(taken)

    def copy(self) -> dict[str, bytes | None]:
        """Return the changes so far."""
        return dict(self.changed)
