"""What the entities of all workloads have in common: they count their changes and tell who made them."""

from __future__ import annotations

from typing import Any

__all__ = ["Failed", "Look", "Observed", "missed"]

Look = tuple[str, int, str, str]
"""A report of one access, as `histories.Seen` has it: entity, version, writer, act."""


class Failed(Exception):
    """A method gave up. `seen` holds what the transaction saw inside of it."""

    def __init__(self, reason: str, seen: list[Any]) -> None:
        super().__init__(reason, seen)
        self.reason = reason
        self.seen = seen


class Observed:
    """An entity that knows its version and who made it.

    Every change that a method makes goes with one call of `mark`.
    """

    label: str
    version: int
    writer: str

    def born(self, label: str, tx: str, version: int = 1) -> None:
        """Set the first version. `label` names the entity among all of its world."""
        self.label = label
        self.version = version
        self.writer = tx

    def look(self) -> Look:
        """Report the present version."""
        return (self.label, self.version, self.writer, "look")

    def mark(self, tx: str) -> Look:
        """Make the next version, and report the one before."""
        met = (self.label, self.version, self.writer, "change")
        self.version += 1
        self.writer = tx
        return met


def missed(label: str, version: int = -1) -> Look:
    """Report that an entity was not there; since which version, when that is known."""
    return (label, version, "", "miss")
