"""Kafka and Flink for tests: real ones, started once for each run of the tests, stopped at its end."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from stateflow.development.flink import FlinkCluster
from stateflow.development.kafka import KafkaBroker
from stateflow.development.kafka_cluster import KafkaCluster
from stateflow.runtime.flink.rest import FlinkJobs

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ROOT", "Engines", "run_module", "run_python", "running_engines", "stateflow_flink"]

ROOT = Path(__file__).parents[3]
SUBMIT_DEADLINE_S = 200


class Engines(msgspec.Struct):
    """Kafka, of one broker or several, and a cluster of Flink, that run."""

    kafka: KafkaBroker | KafkaCluster
    flink: FlinkCluster

    def end_jobs(self) -> None:
        """End what runs, so that the next test has all slots."""
        jobs = FlinkJobs(self.flink.address)
        for job in jobs.running():
            jobs.cancel(job.id)

    def submit(self, module: str, *arguments: str) -> str:
        """Run a module that submits a job and prints its id, with the addresses of the engines as its first arguments; return the id."""
        return run_module(module, self.kafka.address, self.flink.address, *arguments).split()[-1]


@contextmanager
def running_engines(task_managers: int = 1, *, is_available: bool = False, brokers: int = 1) -> Iterator[Engines]:
    """Start both; stop both in the end."""
    with tempfile.TemporaryDirectory(prefix="stateflow-") as folder:
        kafka = KafkaBroker(Path(folder) / "kafka") if brokers == 1 else KafkaCluster(Path(folder) / "kafka", brokers)
        flink = FlinkCluster(Path(folder) / "flink", task_managers, is_available=is_available, python_path=[ROOT, ROOT / "demos"])
        with kafka, flink:
            yield Engines(kafka, flink)


def run_module(module: str, *arguments: str) -> str:
    """Run a module of the tests in a process of its own, as PyFlink starts a Java machine in each; return what it printed."""
    done = run_python("-m", module, *arguments)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SUBMIT_DEADLINE_S, check=False)


def stateflow_flink(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does."""
    return run_python("-m", "stateflow", "flink", *arguments)
