"""What a request costs in the client of Kafka, in microseconds of the processor: `python -m benchmarks.client` prints JSON.

The broker is a real one. The places run in another process, without Flink, so that the client is what is measured: neither that process nor
the broker counts, and numbers change less with what else the machine does than those of a whole cluster.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from confluent_kafka import Consumer, Producer

import stateflow
from benchmarks.flink.callers import StateflowCaller
from benchmarks.flink.counter import Counter
from benchmarks.flink.loops import closed_loop
from stateflow.client.kafka.topics import log_partitions, open_topics, reply_partition
from stateflow.core.machine import Machine
from stateflow.core.placement import PartitionPlacement
from stateflow.core.records import put_changes
from stateflow.development.kafka import KafkaBroker
from stateflow.options import KafkaOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

OUTSTANDING = (2000, 1)
READY = "ready"


class Places:
    """The places of a log, in this process: what Flink's job does, with what it keeps in dicts."""

    def __init__(self, brokers: str) -> None:
        options = KafkaOptions(brokers=brokers, application="counter")
        self._topics = open_topics(options)
        placement = PartitionPlacement(self._topics.partitions)
        flow = stateflow.init(Counter)
        self._records: list[dict[str, bytes]] = [{} for _ in placement.names]
        self._machines = [Machine(flow, name, placement, kept) for name, kept in zip(placement.names, self._records, strict=True)]
        self._consumer = Consumer({"bootstrap.servers": brokers, "group.id": "places", "fetch.wait.max.ms": 100})
        self._consumer.assign(log_partitions(self._topics))
        self._producer = Producer({"bootstrap.servers": brokers, "linger.ms": 0})

    def serve(self) -> None:
        """Handle records until the process is ended."""
        while True:
            record = self._consumer.poll(1.0)
            if record is not None and record.error() is None:
                self._handle(record.partition() or 0, record.value() or b"", record.timestamp()[1] * 1_000_000)

    def _handle(self, partition: int, data: bytes, now_ns: int) -> None:
        machine, kept = self._machines[partition], self._records[partition]
        sent = machine.receive(data, now_ns)
        put_changes(kept, machine.take_changes())
        for target, envelope in sent:
            back = reply_partition(target)
            topic, number = (self._topics.log, int(target)) if back is None else (self._topics.replies, back)
            self._producer.produce(topic, envelope, partition=number)
        self._producer.poll(0)


def client_costs(seconds: float, kinds: tuple[str, ...]) -> dict[str, Any]:
    """Return what requests cost, for each kind and each number of them that is outstanding."""
    with tempfile.TemporaryDirectory() as folder, KafkaBroker(Path(folder)) as broker:
        command = [sys.executable, "-m", "benchmarks.client", "--places", broker.address]
        places = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert places.stdout is not None
            assert places.stdout.readline().strip() == READY
            caller = StateflowCaller(broker.address)
            try:
                return {kind: dict(_measured(caller, kind, seconds, {"places": places.pid, "broker": broker.pid})) for kind in kinds}
            finally:
                caller.close()
        finally:
            places.kill()
            places.wait()


def _measured(caller: StateflowCaller, kind: str, seconds: float, pids: dict[str, int]) -> Iterator[tuple[str, Any]]:
    ask = {"updates": caller.add, "reads": caller.read, "transfers": caller.give}[kind]
    for outstanding in OUTSTANDING:
        yield f"{outstanding} outstanding", closed_loop(ask, outstanding, seconds, pids)


def main() -> None:
    """Run the benchmark, or the places of it."""
    parser = argparse.ArgumentParser(prog="benchmarks.client")
    parser.add_argument("--seconds", type=float, default=6.0, help="of a measurement")
    parser.add_argument("--kind", action="append", choices=("updates", "reads", "transfers"))
    parser.add_argument("--places", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.places:
        places = Places(arguments.places)
        print(READY, flush=True)
        places.serve()
    print(json.dumps({"cores": os.cpu_count(), **client_costs(arguments.seconds, tuple(arguments.kind or ["updates"]))}, indent=2))


if __name__ == "__main__":
    main()
