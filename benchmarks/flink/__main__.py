"""Run both jobs on one cluster, one after the other, and print JSON: `python -m benchmarks.flink`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.flink.callers import ByHandCaller, StateflowCaller, closed_loop, open_loop
from stateflow.development.flink import FlinkCluster
from stateflow.development.kafka import KafkaBroker

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
SECONDS = 15.0
OUTSTANDING = 2000
RATE = 200.0


def submit(module: str, kafka: KafkaBroker, flink: FlinkCluster) -> str:
    """Start a job; return its id."""
    command = [sys.executable, "-m", module, kafka.address, flink.address]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=True).stdout.split()[-1]


def measure(ask: Callable[..., object]) -> dict[str, Any]:
    """Return throughput and latency, after a warm-up."""
    closed_loop(ask, OUTSTANDING, 5)
    return {"per_second": closed_loop(ask, OUTSTANDING, SECONDS), **open_loop(ask, RATE, SECONDS), "one_at_a_time": closed_loop(ask, 1, 5)}


def log_records(kafka: KafkaBroker, topic: str) -> int:
    """Return how many records a topic has."""
    from confluent_kafka import Consumer, TopicPartition

    consumer = Consumer({"bootstrap.servers": kafka.address, "group.id": "count"})
    try:
        return sum(consumer.get_watermark_offsets(TopicPartition(topic, number), timeout=30)[1] for number in range(4))
    finally:
        consumer.close()


def transfers(kafka: KafkaBroker, ours: StateflowCaller) -> dict[str, Any]:
    """Return throughput, and records of the log for each transfer, under load and one at a time."""
    found: dict[str, Any] = {}
    for name, outstanding in (("under_load", OUTSTANDING // 8), ("one_at_a_time", 1)):
        before, count = log_records(kafka, "counter.log"), [0]

        def counted(number: int, done: Callable[[], object], count: list[int] = count) -> None:
            count[0] += 1
            ours.give(number, done)

        rate = closed_loop(counted, outstanding, SECONDS / 2)
        found[name] = {"per_second": rate, "log_records_each": (log_records(kafka, "counter.log") - before) / count[0]}
    return found


def main() -> None:
    """Run the benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        kafka = KafkaBroker(Path(folder) / "kafka")
        flink = FlinkCluster(Path(folder) / "flink", python_path=[ROOT])
        with kafka, flink:
            job = submit("benchmarks.flink.by_hand", kafka, flink)
            hand = ByHandCaller(kafka.address)
            by_hand = measure(hand.add)
            hand.close()
            flink.rest(f"/jobs/{job}", "PATCH")
            submit("benchmarks.flink.counter_job", kafka, flink)
            caller = StateflowCaller(kafka.address)
            ours = measure(caller.add)
            over_two = transfers(kafka, caller)
            caller.close()
    ratios = {"throughput": ours["per_second"] / by_hand["per_second"], "p50": ours["p50_ms"] / by_hand["p50_ms"]}
    batching = ours["per_second"] / ours["one_at_a_time"]
    found = {"by_hand": by_hand, "stateflow": ours, "transfers": over_two, "ratios": ratios, "batching": batching}
    print(json.dumps({"cores": os.cpu_count(), **found}, indent=2))


if __name__ == "__main__":
    main()
