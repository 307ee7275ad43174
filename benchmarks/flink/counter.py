"""The work of both jobs."""

from __future__ import annotations

import stateflow

__all__ = ["Counter"]


@stateflow.entity
class Counter:
    """Counts calls."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.value = 0

    def __key__(self) -> str:
        return self.name

    def add(self) -> int:
        """Count one call; return how many there were."""
        self.value += 1
        return self.value

    def read(self) -> int:
        """Return how many calls there were."""
        return self.value

    def give(self, other: Counter) -> int:
        """Count here and there: a transaction over two entities."""
        self.value += 1
        return other.add()
