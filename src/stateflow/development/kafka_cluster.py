"""Several real Kafka brokers on this machine, so that what a cluster promises can be tried: one of three may fail and nothing stops."""

from __future__ import annotations

import uuid
from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING, Final, Self

from stateflow.development.kafka import START_DEADLINE_S, KafkaBroker, Member
from stateflow.development.processes import free_ports, wait_until
from stateflow.errors import MissingExtra, StartFailed

try:
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient
except ImportError as error:
    reason = "several brokers need confluent-kafka, which is not installed; run: pip install 'stateflow[kafka]'"
    raise MissingExtra(f"SF541: {reason}") from error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from confluent_kafka.admin import PartitionMetadata

__all__ = ["KafkaCluster"]

_ASK_DEADLINE_S: Final = 1.0
# A broker that ends in order asks the others to lead what it led, and would wait for them when they have ended before.
_SETTINGS: Final = {"controlled.shutdown.enable": "false"}


class KafkaCluster:
    """Brokers that have copies of each other's topics; each is a controller too.

    Args:
        folder: where they keep what they have, each in a folder of its own.
        brokers: how many; with 3 or more, one may be killed.
        port: where clients connect to the first; chosen when not given, as those of the others are.
        settings: further lines of the properties of each.
        on_fetched: called with the name of each archive that has to be fetched first.

    Example (not run here, since it needs Java and Maven):
        with KafkaCluster(Path("kafka")) as cluster:
            print(cluster.address)
    """

    def __init__(
        self,
        folder: Path,
        brokers: int = 3,
        port: int | None = None,
        settings: Mapping[str, str] | None = None,
        on_fetched: Callable[[str], None] | None = None,
    ) -> None:
        self.folder = folder
        controllers, identity = tuple(free_ports(brokers)), str(uuid.uuid4())
        members = [Member(number, controllers, identity) for number in range(1, brokers + 1)]
        ports = [port, *[None] * (brokers - 1)]
        self.brokers = [
            KafkaBroker(folder / f"broker-{member.number}", port, {**_SETTINGS, **(settings or {})}, on_fetched=on_fetched, member=member)
            for member, port in zip(members, ports, strict=True)
        ]

    @property
    def address(self) -> str:
        """What clients name as `brokers`."""
        return ",".join(broker.address for broker in self.brokers)

    @property
    def pids(self) -> list[int]:
        """The process ids of the running brokers."""
        return [broker.pid for broker in self.brokers]

    def start(self) -> None:
        """Start them, and wait until they know each other.

        Raises:
            StartFailed: one did not start, or they did not find each other in time.
        """
        with ExitStack() as started:
            for broker in self.brokers:
                broker.launch()
                started.callback(broker.kill)
            for broker in self.brokers:
                broker.wait_ready()
            if not wait_until(lambda: self._known() == len(self.brokers), START_DEADLINE_S):
                raise StartFailed("Kafka", f"{self._known()} of {len(self.brokers)} brokers know each other", "", str(self.folder))
            started.pop_all()

    def leader_of(self, topic: str, partition: int) -> KafkaBroker:
        """Return the broker that takes the records of a partition now."""
        return self.brokers[self._partitions(topic)[partition].leader - 1]

    def in_sync(self, topic: str) -> int:
        """Return in how many copies the partition that has the fewest is whole now."""
        return min(len(partition.isrs) for partition in self._partitions(topic).values())

    def stop(self) -> None:
        """End them in order."""
        for broker in self.brokers:
            broker.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _known(self) -> int:
        try:
            return len(self._admin.list_topics(timeout=_ASK_DEADLINE_S).brokers)
        except KafkaException:
            return 0

    def _partitions(self, topic: str) -> Mapping[int, PartitionMetadata]:
        return self._admin.list_topics(topic, timeout=START_DEADLINE_S).topics[topic].partitions

    @cached_property
    def _admin(self) -> AdminClient:
        """One connection for all questions, since they are asked again and again while something is waited for."""
        return AdminClient({"bootstrap.servers": self.address, "log_level": 0})
