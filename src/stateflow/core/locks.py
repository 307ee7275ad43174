"""Who waits for which entity, and who is next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateflow.core.saved import Waiter
from stateflow.core.sections import Section

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stateflow.core.records import Changes
    from stateflow.protocol.steps import Header

__all__ = ["Queues", "Waiter"]

Span = tuple[int, int]
"""The numbers of an entity's waiters: from the first one up to before the second one."""


class Queues:
    """The waiting transactions of one place, by the entity that they wait for.

    Those that hold entities come first, the youngest of them first: each is older than the holder for which it waits, so after a grant the
    others are older than the new holder too. Then come those that hold nothing, the oldest first.

    An entity has one holder that may change it, or any number of readers. A reader that waits behind a writer does not pass it, and while a
    writer waits that is older, or holds something, new readers do not join those that are there: so they never keep it waiting for ever.

    Each waiter is a record of its own, so that a long queue costs no more than a short one.

    Args:
        changes: where they are kept.
        counts: how many spans and waiters there are.
    """

    def __init__(self, changes: Changes, counts: Mapping[str, int]) -> None:
        self.spans: Section[Span] = Section(changes, "q/", tuple[int, int], counts.get("q", 0))
        self.waiters: Section[Waiter] = Section(changes, "w/", Waiter, counts.get("w", 0))

    def __len__(self) -> int:
        return len(self.waiters)

    def add(self, label: str, waiter: Waiter) -> None:
        """Let a transaction wait for an entity."""
        first, end = self.spans.get(label) or (1, 1)
        self.waiters.put(f"{label}/{end}", waiter)
        self.spans.put(label, (first, end + 1))

    def has(self, label: str) -> bool:
        """Tell whether anybody waits for an entity."""
        return self.spans.get(label) is not None

    def waiting(self, label: str) -> Iterable[Waiter]:
        """Return those that wait for an entity."""
        return self._queue(label).values() if self.has(label) else ()

    def next(self, label: str, *, may_write: bool = True) -> Waiter | None:
        """Take the transaction that may try next; None when nobody waits, or when the next one writes and may not."""
        queue = self._queue(label)
        if not queue:
            return None
        holding = {number: waiter for number, waiter in queue.items() if waiter.holds}
        chosen = max(holding, key=lambda n: holding[n].header.age) if holding else min(queue, key=lambda n: queue[n].header.age)
        if not may_write and not queue[chosen].header.is_read_only:
            return None
        self._remove(label, [chosen])
        return queue[chosen]

    def take_younger(self, label: str, holders: list[Header], readers: list[Header]) -> list[Waiter]:
        """Take those that hold entities and are younger than one that got the entity before them: they must not wait for it."""
        younger = {}
        for number, waiter in self._queue(label).items():
            others = holders if waiter.header.is_read_only else (*holders, *readers)
            if waiter.holds and any(waiter.header.age > other.age for other in others):
                younger[number] = waiter
        self._remove(label, list(younger))
        return list(younger.values())

    def _queue(self, label: str) -> dict[int, Waiter]:
        first, end = self.spans.get(label) or (1, 1)
        found = ((number, self.waiters.get(f"{label}/{number}")) for number in range(first, end))
        return {number: waiter for number, waiter in found if waiter is not None}

    def _remove(self, label: str, numbers: list[int]) -> None:
        for number in numbers:
            self.waiters.remove(f"{label}/{number}")
        first, end = self.spans.get(label) or (1, 1)
        start = first
        while start < end and self.waiters.get(f"{label}/{start}") is None:
            start += 1
        if start == end and end > first:
            self.spans.remove(label)
        elif start != first:
            self.spans.put(label, (start, end))
