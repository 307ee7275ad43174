"""A worker process: the places of some partitions, read from the log from where a snapshot was taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stateflow.core.records import put_changes

if TYPE_CHECKING:
    from collections.abc import Callable

    from stateflow.core.machine import Machine
    from stateflow.protocol.bundles import Sending
    from stateflow.runtime.simulation.log import Appended, Log
    from stateflow.runtime.simulation.producer import Producer

__all__ = ["Part", "Worker"]


@dataclass(slots=True)
class Part:
    """What a worker, or a checkpoint, has of one partition.

    Attributes:
        offset: how far the log was read.
        places: the records of each place of the partition.
    """

    offset: int = 0
    places: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def copy(self) -> Part:
        """Return a copy that shares nothing that changes."""
        return Part(self.offset, {name: dict(records) for name, records in self.places.items()})


class Worker:
    """Runs the places of some partitions. All that it knows is lost with it, but for its snapshots.

    Args:
        name: tells it from other workers, also from those that it replaced.
        log: what it reads.
        producer: what it sends with.
        parts: its partitions, as a checkpoint has them; they become the worker's own.
        open_machine: makes the machine of a place over its records.
        route: tells the partition of a place, or of a client's answers.
    """

    def __init__(
        self,
        name: str,
        log: Log,
        producer: Producer,
        parts: dict[int, Part],
        open_machine: Callable[[str, dict[str, bytes]], Machine],
        route: Callable[[str], int | str],
    ) -> None:
        self.name = name
        self.producer = producer
        self.parts = parts
        self.partitions = list(parts)
        self.machines: dict[str, Machine] = {}
        self._log = log
        self._open_machine = open_machine
        self._route = route

    def next_record(self, partition: int) -> Appended | None:
        """Return what would be read next."""
        records, offset = self._log.records[partition], self.parts[partition].offset
        return records[offset] if offset < len(records) else None

    def read(self, partition: int) -> tuple[Appended, list[Sending]]:
        """Read one record, run its place, and hand what that sends to the producer.

        Returns:
            The record, and what is to be sent.
        """
        record = self.next_record(partition)
        assert record is not None
        part = self.parts[partition]
        part.offset += 1
        machine = self.machine(record.key, part)
        sent = machine.receive(record.data, record.time_ns)
        records = part.places[record.key]
        put_changes(records, machine.take_changes())
        for target, data in sent:
            self.producer.send(self._route(target), target, data)
        return record, sent

    def machine(self, place: str, part: Part) -> Machine:
        """Return the machine of a place, made from its records when there is none."""
        machine = self.machines.get(place)
        if machine is None:
            machine = self.machines[place] = self._open_machine(place, part.places.setdefault(place, {}))
        return machine

    def forget_machines(self) -> None:
        """Drop all machines: the next message of each place makes another one from its records."""
        self.machines.clear()

    def snapshot(self) -> dict[int, Part]:
        """Send what waits, then copy all records and offsets."""
        self.producer.flush()
        return {partition: part.copy() for partition, part in self.parts.items()}
