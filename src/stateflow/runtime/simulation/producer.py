"""A producer: keeps what is to be sent until the broker has it; what it has not sent is lost with it."""

from __future__ import annotations

from collections import deque
from itertools import groupby
from typing import TYPE_CHECKING

from stateflow.protocol.bundles import bundled
from stateflow.protocol.steps import read_outside

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from stateflow.protocol.bundles import Sending
    from stateflow.runtime.simulation.log import Log

__all__ = ["Producer"]

_BATCH_RECORDS = 4
_SLOW_SHARE = 0.02
_BUNDLED_SHARE = 0.25


class Producer:
    """Sends in order to each partition, in batches and records of its own choice; between partitions there is no order.

    Args:
        log: where to.
        draw: decides when what is sent.
        duplicates: how likely a batch arrives twice, because its acknowledgement was lost.
        slow: how likely a partition is one to which this producer sends seldom.
    """

    def __init__(self, log: Log, draw: random.Random, duplicates: float, slow: float) -> None:
        self._log = log
        self._draw = draw
        self._duplicates = duplicates
        self._slow = frozenset(partition for partition in range(log.partitions) if slow and draw.random() < slow)
        self.waiting: dict[int | str, deque[Sending]] = {}
        self.repeated = 0

    def heal(self) -> None:
        """Have no slow partitions any more."""
        self._slow = frozenset()

    def send(self, partition: int | str, key: str, data: bytes) -> None:
        """Take an envelope; it is not sent yet."""
        self.waiting.setdefault(partition, deque()).append((key, data))

    def push(self, *, waits: bool = False) -> list[Sending]:
        """Send a batch to one partition, if anything waits; return the envelopes that were sent.

        Args:
            waits: whether what goes to a slow partition may wait longer.
        """
        if not self.waiting:
            return []
        partition = self._draw.choice(list(self.waiting))
        if waits and partition in self._slow and self._draw.random() > _SLOW_SHARE:
            return []
        queue = self.waiting[partition]
        batch = [queue.popleft() for _ in range(min(len(queue), self._draw.randint(1, _BATCH_RECORDS)))]
        if not queue:
            del self.waiting[partition]
        times = 2 if self._draw.random() < self._duplicates else 1
        self.repeated += times - 1
        for key, data in [*self._records(batch)] * times:
            self._log.append(partition, key, data)
        return batch

    def _records(self, batch: list[Sending]) -> Iterator[Sending]:
        """Put envelopes of one place for the same place into one record, or each into its own, as chance has it."""
        for _, group in groupby(batch, lambda sending: (sending[0], read_outside(sending[1]).source)):
            neighbours = list(group)
            yield from bundled(neighbours) if self._draw.random() < _BUNDLED_SHARE else neighbours

    def flush(self) -> None:
        """Send everything: what a sink does before a checkpoint."""
        while self.waiting:
            self.push()

    def unsent(self) -> list[Sending]:
        """Return what waits, and would be lost with the process."""
        return [sending for queue in self.waiting.values() for sending in queue]
