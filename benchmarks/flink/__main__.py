"""Run the jobs on one cluster, one after the other, and print JSON: `python -m benchmarks.flink`.

A job is named to run it alone: `python -m benchmarks.flink --only stateflow --seconds 6`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.flink.callers import ByHandCaller, EachCaller, OnceCaller, StateflowCaller
from benchmarks.flink.cpu import has_compiled_core
from benchmarks.flink.loops import closed_loop, open_loop
from stateflow.development.flink import FlinkCluster
from stateflow.development.kafka import KafkaBroker
from stateflow.runtime.flink.rest import FlinkJobs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.flink.loops import Ask

ROOT = Path(__file__).parents[2]
OUTSTANDING = 2000
RATE = 200.0
KINDS = ("updates", "reads", "transfers")
JOBS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "by_hand": ("by_hand", ByHandCaller),
    "by_hand_once": ("by_hand_once", OnceCaller),
    "by_hand_each": ("by_hand_each", EachCaller),
    "stateflow": ("counter_job", StateflowCaller),
}
"""The module of each job, and who asks it."""


class Run:
    """One broker and one cluster, and how long each measurement takes.

    Args:
        folder: where they keep what they have.
        seconds: of a measurement.
        settings: of Flink, for each job, `name=value`.
        wanted: kinds of requests to measure.
    """

    def __init__(self, folder: Path, seconds: float, settings: Sequence[str], wanted: Sequence[str]) -> None:
        self.kafka = KafkaBroker(folder / "kafka")
        self.flink = FlinkCluster(folder / "flink", python_path=[ROOT])
        self._seconds = seconds
        self._settings = settings
        self._wanted = wanted

    @property
    def pids(self) -> dict[str, int]:
        """The processes that take part, beside this one."""
        task_manager, job_manager = self.flink.pids
        return {"task_manager": task_manager, "job_manager": job_manager, "broker": self.kafka.pid}

    def job(self, name: str) -> dict[str, Any]:
        """Run a job, measure it, and end it."""
        module, make = JOBS[name]
        job = self._submit(f"benchmarks.flink.{module}")
        caller = make(self.kafka.address)
        try:
            found: dict[str, Any] = {kind: measure() for kind, measure in self._kinds(caller).items() if kind in self._wanted}
            return {**found, "core": "compiled" if has_compiled_core(self.pids["task_manager"]) else "Python"}
        finally:
            caller.close()
            FlinkJobs(self.flink.address).cancel(job)

    def _kinds(self, caller: Any) -> dict[str, Callable[[], dict[str, Any]]]:
        """Return what is measured, by the kind of request."""
        kinds = {"updates": partial(self._measure, caller.add)}
        if isinstance(caller, StateflowCaller):
            kinds["reads"] = partial(self._measure, caller.read)
            kinds["transfers"] = partial(self._transfers, caller)
        return kinds

    def _submit(self, module: str) -> str:
        command = [sys.executable, "-m", module, self.kafka.address, self.flink.address, *self._settings]
        return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=200, check=True).stdout.split()[-1]

    def _measure(self, ask: Ask) -> dict[str, Any]:
        """Return throughput and latency, after a warm-up."""
        closed_loop(ask, OUTSTANDING, self._seconds / 3, self.pids)
        under_load = closed_loop(ask, OUTSTANDING, self._seconds, self.pids)
        # What was made ready for the load is not what a request meets that comes alone.
        open_loop(ask, RATE, self._seconds / 3)
        at_rate = open_loop(ask, RATE, self._seconds)
        return {"under_load": under_load, "at_200_a_second": at_rate, "one_at_a_time": closed_loop(ask, 1, self._seconds / 3, self.pids)}

    def _transfers(self, caller: StateflowCaller) -> dict[str, Any]:
        """Return the same of transfers over two partitions, and records of the log for each."""
        # As before the others: a job that has made no transfer yet is slower in each of the first.
        closed_loop(caller.give, OUTSTANDING // 8, self._seconds / 3, self.pids)
        open_loop(caller.give, RATE, self._seconds / 3)
        found: dict[str, Any] = {"at_200_a_second": open_loop(caller.give, RATE, self._seconds)}
        for name, outstanding in (("under_load", OUTSTANDING), ("of_250", OUTSTANDING // 8), ("one_at_a_time", 1)):
            before, count = self._log_records(), [0]

            def counted(number: int, done: Callable[[], object], count: list[int] = count) -> None:
                count[0] += 1
                caller.give(number, done)

            measured = closed_loop(counted, outstanding, self._seconds * 2 / 3, self.pids)
            found[name] = {**measured, "log_records_each": round((self._log_records() - before) / count[0], 2)}
        return found

    def _log_records(self) -> int:
        from confluent_kafka import Consumer, TopicPartition

        consumer = Consumer({"bootstrap.servers": self.kafka.address, "group.id": "count"})
        try:
            return sum(consumer.get_watermark_offsets(TopicPartition("counter.log", number), timeout=30)[1] for number in range(4))
        finally:
            consumer.close()


def ratios(found: dict[str, Any]) -> dict[str, float]:
    """Return what StateFlow's job comes to, as parts of those by hand that batch as it does; the one that keeps the same state decides."""
    ours, by_hand, counting = (found[name]["updates"] for name in ("stateflow", "by_hand_once", "by_hand"))
    load, load_by_hand = ours["under_load"], by_hand["under_load"]
    return {
        "throughput": round(load["per_second"] / load_by_hand["per_second"], 3),
        "throughput_of_counting": round(load["per_second"] / counting["under_load"]["per_second"], 3),
        "per_second_of_task_manager": round(load["per_second_of_task_manager"] / load_by_hand["per_second_of_task_manager"], 3),
        "p50": round(ours["at_200_a_second"]["p50_ms"] / by_hand["at_200_a_second"]["p50_ms"], 2),
        "p99": round(ours["at_200_a_second"]["p99_ms"] / by_hand["at_200_a_second"]["p99_ms"], 2),
        "batching": round(load["per_second"] / ours["one_at_a_time"]["per_second"], 1),
    }


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="benchmarks.flink")
    parser.add_argument("--only", choices=JOBS, action="append", help="a job to run; all when it is not given")
    parser.add_argument("--seconds", type=float, default=15.0, help="of a measurement")
    parser.add_argument("--kind", choices=KINDS, action="append", help="a kind of request to measure; all when it is not given")
    parser.add_argument("--setting", action="append", default=[], help="a setting of Flink, name=value, for each job")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder), arguments.seconds, arguments.setting, arguments.kind or KINDS)
        with run.kafka, run.flink:
            found = {name: run.job(name) for name in arguments.only or JOBS}
    if len(found) == len(JOBS) and all("updates" in each for each in found.values()):
        found["ratios"] = ratios(found)
    print(json.dumps({"cores": os.cpu_count(), **found}, indent=2))


if __name__ == "__main__":
    main()
