"""What happens between places, counted for those who run them."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["COUNTED", "Counts"]


class Counts(Struct):
    """What happened at one place since somebody asked. It is no part of the state: what is done again after a crash is counted again.

    Attributes:
        moves: transactions that went on at another place.
        waits: transactions that met an entity which another one held.
        restarts: transactions that began again, with the effects of no earlier attempt.
    """

    moves: int = 0
    waits: int = 0
    restarts: int = 0

    def take(self) -> dict[str, int]:
        """Return what is not zero, by name, and begin to count anew."""
        if not (self.moves or self.waits or self.restarts):
            return {}
        counted = {name: count for name in COUNTED if (count := getattr(self, name))}
        self.moves = self.waits = self.restarts = 0
        return counted


COUNTED = Counts.__struct_fields__
