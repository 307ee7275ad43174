"""Who waits for which entity, and who is next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stateflow.core.store import Record
    from stateflow.protocol.steps import Header, Message

__all__ = ["Queues", "Waiter"]

Identity = tuple[type, type, object]


class Waiter:
    """A transaction that waits: what goes on with it, and whether it holds entities meanwhile."""

    __slots__ = ("header", "holds", "message")

    def __init__(self, header: Header, message: Message, *, holds: bool) -> None:
        self.header = header
        self.message = message
        self.holds = holds


class Queues:
    """The waiting transactions of one place, by the entity that they wait for.

    Those that hold entities come first, the youngest of them first: each is older than the holder for which it waits, so after a grant the
    others are older than the new holder too. Then come those that hold nothing, the oldest first.
    """

    def __init__(self) -> None:
        self._queues: dict[Identity, list[Waiter]] = {}

    def __len__(self) -> int:
        return sum(len(queue) for queue in self._queues.values())

    def items(self) -> list[tuple[Identity, list[Waiter]]]:
        """Return each entity that is waited for, with its queue."""
        return list(self._queues.items())

    def add(self, record: Record, waiter: Waiter) -> None:
        """Let a transaction wait for an entity."""
        self._queues.setdefault(_identity(record), []).append(waiter)

    def next(self, record: Record) -> Waiter | None:
        """Take the transaction that may try next; None when nobody waits."""
        queue = self._queues.get(_identity(record))
        if not queue:
            return None
        holding = [waiter for waiter in queue if waiter.holds]
        chosen = max(holding, key=_age) if holding else min(queue, key=_age)
        self._remove(record, chosen)
        return chosen

    def take_younger(self, record: Record, age: tuple[int, str]) -> list[Waiter]:
        """Take those that hold entities and are younger than the new holder: they must not wait for it."""
        younger = [waiter for waiter in self._queues.get(_identity(record), ()) if waiter.holds and waiter.header.age > age]
        for waiter in younger:
            self._remove(record, waiter)
        return younger

    def _remove(self, record: Record, waiter: Waiter) -> None:
        queue = self._queues[_identity(record)]
        queue.remove(waiter)
        if not queue:
            del self._queues[_identity(record)]


def _age(waiter: Waiter) -> tuple[int, str]:
    return waiter.header.age


def _identity(record: Record) -> Any:
    return (record.cls, type(record.key), record.key)
