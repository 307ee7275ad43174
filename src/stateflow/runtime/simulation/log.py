"""A log as Kafka documents it: partitions of records that stay, each with an offset and the broker's time of its arrival."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

__all__ = ["Appended", "Clock", "Log"]

_START_NS = 1_700_000_000_000_000_000


class Appended(NamedTuple):
    """A record of the log.

    Attributes:
        time_ns: what the broker's clock said when it arrived (`message.timestamp.type=LogAppendTime`); it is the same on every reading.
        key: the place or client that it is for.
        data: one envelope.
    """

    time_ns: int
    key: str
    data: bytes


class Clock:
    """The broker's wall clock: it goes on by itself, and now and then it is set."""

    def __init__(self) -> None:
        self.now_ns = _START_NS

    def __call__(self) -> int:
        """Return the time in nanoseconds since 1970."""
        return self.now_ns

    def pass_time(self, ns: int) -> None:
        """Go on, or with a negative time be set back."""
        self.now_ns += ns


class Log:
    """The partitions of requests and messages, by number, and those of answers, by the client's name.

    Args:
        clock: the broker's.
        partitions: how many partitions there are for places.
    """

    def __init__(self, clock: Clock, partitions: int) -> None:
        self.clock = clock
        self.partitions = partitions
        self.records: defaultdict[int | str, list[Appended]] = defaultdict(list)

    def append(self, partition: int | str, key: str, data: bytes) -> int:
        """Add a record to the end of a partition and return its offset."""
        records = self.records[partition]
        records.append(Appended(self.clock.now_ns, key, data))
        return len(records) - 1

    def end(self, partition: int | str) -> int:
        """Return the offset that the next record will have."""
        return len(self.records[partition])
