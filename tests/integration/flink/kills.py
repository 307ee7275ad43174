"""Kill processes of a cluster under load, one after another, and measure how long no reply comes.

Run with `python -m tests.integration.flink.kills --task-managers 10 --job-managers 3 --brokers 5 --clients 3`, it prints a line of JSON for
each kill, and fails when a request has changed state twice or not at all.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

import msgspec

from stateflow.development.kafka import KafkaBroker
from stateflow.development.processes import wait_until
from stateflow.options import KafkaOptions
from stateflow.runtime.flink.rest import FlinkJobs
from tests.integration.flink.engines import Engines, running_engines, stateflow_flink
from tests.integration.flink.load import Load
from tests.integration.flink.victim import kill_client_and_repeat

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["APPLICATION", "Kill", "Kills"]

APPLICATION = "money"
DEADLINE_S = 120
RESET_MS = 61_000
"""After so long without a failure, a job's next restart is as quick as its first (`runtime/flink/job_settings.py`)."""
MODULE = "tests/integration/flink/money.py"


class Kill(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One kill, and how the time until the next reply was spent.

    Attributes:
        killed: what.
        gap_s: the longest time without a reply to any client, from the kill on.
        detected_s: from the kill until the JobManager knew.
        scheduled_s: from then until workers opened the job.
        opened_s: from then until all parts ran, with their state.
        replayed_s: from then until the next reply.
    """

    killed: str
    gap_s: float
    detected_s: float | None = None
    scheduled_s: float | None = None
    opened_s: float | None = None
    replayed_s: float | None = None


class Kills:
    """Kills processes while a load runs.

    Args:
        engines: a session cluster with two TaskManagers, whose JobManager may be killed, and a broker.
        load: what runs meanwhile.
        has_warm_spare: load the classes in a TaskManager that replaces another, before the next kill.
        has_rest: let the job run for a minute before a TaskManager is killed. One that fails sooner again starts again later each time.
    """

    def __init__(self, engines: Engines, load: Load, *, has_warm_spare: bool = True, has_rest: bool = False) -> None:
        self._engines = engines
        self._jobs = FlinkJobs(engines.flink.address)
        self._load = load
        self._has_warm_spare = has_warm_spare
        self._has_rest = has_rest
        self.kills: list[Kill] = []

    def task_manager(self) -> None:
        """Kill the one that runs a part of the job, while the other one is there; then bring another."""
        flink = self._engines.flink
        assert not self._has_rest or wait_until(self._has_run_long, DEADLINE_S)
        busy = flink.busy_task_manager()
        flink.task_managers.remove(busy)
        before_ms = time.time() * 1000
        begin_s = self._kill("TaskManager", busy.kill, is_back=lambda: self._has_restarted(before_ms))
        self._split(self.kills[-1], begin_s)
        flink.start_task_manager()
        flink.wait_slots(4)
        if self._has_warm_spare:
            warmed = stateflow_flink("probe", MODULE, "--jobmanager", flink.address)
            assert warmed.returncode == 0, warmed.stderr
        self._load.replies_go_on(50)

    def job_manager(self) -> None:
        """Kill the JobManager, and start it again."""
        flink = self._engines.flink
        self._kill("JobManager", flink.kill_job_manager, flink.start_job_manager, is_back=self._is_started)

    def broker(self) -> None:
        """Kill the broker, and start it again; of several, kill the one that leads a part of the log, and start it when replies go on."""
        kafka, log = self._engines.kafka, f"{APPLICATION}.log"
        if isinstance(kafka, KafkaBroker):
            self._kill("broker", kafka.kill, kafka.start)
            return
        leader = kafka.leader_of(log, 0)
        self._kill("broker", leader.kill)
        leader.start()
        assert wait_until(lambda: kafka.in_sync(log) == len(kafka.brokers), DEADLINE_S)

    def _kill(
        self,
        name: str,
        kill: Callable[[], object],
        start: Callable[[], object] = lambda: None,
        is_back: Callable[[], bool] = lambda: True,
    ) -> float:
        """Kill something, wait until all is as before, and note the gap; return when it was killed, on the monotonic clock."""
        self._load.replies_go_on(50)
        begin_s = time.monotonic()
        kill()
        start()
        assert wait_until(is_back, DEADLINE_S)
        self._load.replies_go_on(100)
        before_s, after_s = self._load.longest_gap(begin_s)
        self.kills.append(Kill(killed=name, gap_s=round(after_s - before_s, 2)))
        return begin_s

    def _has_run_long(self) -> bool:
        (job,) = self._jobs.running()
        told = self._engines.flink.rest(f"/jobs/{job.id}")
        return bool(told["now"] - told["timestamps"]["RUNNING"] > RESET_MS)

    def _is_started(self) -> bool:
        running = self._jobs.running()
        return bool(running) and self._jobs.is_started(running[0].id)

    def _has_restarted(self, since_ms: float) -> bool:
        (job,) = self._jobs.running()
        told = self._engines.flink.rest(f"/jobs/{job.id}")
        return bool(told["timestamps"]["RESTARTING"] > since_ms) and self._jobs.is_started(job.id)

    def _split(self, kill: Kill, begin_s: float) -> None:
        """Note where the time went, by the clocks of Flink, which is the machine's."""
        epoch_ms = 1000 * (time.time() - time.monotonic())
        (job,) = self._jobs.running()
        told = self._engines.flink.rest(f"/jobs/{job.id}")
        detected_ms = told["timestamps"]["RESTARTING"]
        parts = [self._part(job.id, vertex["id"], number) for vertex in told["vertices"] for number in range(vertex["parallelism"])]
        opening_ms, running_ms = max(part[0] for part in parts), max(part[1] for part in parts)
        replied_ms = epoch_ms + 1000 * self._load.first_reply_s((running_ms - epoch_ms) / 1000)
        times_ms = [epoch_ms + 1000 * begin_s, detected_ms, opening_ms, running_ms, replied_ms]
        kill.detected_s, kill.scheduled_s, kill.opened_s, kill.replayed_s = (
            round((after - before) / 1000, 2) for before, after in itertools.pairwise(times_ms)
        )

    def _part(self, job_id: str, vertex: str, number: int) -> tuple[float, float]:
        """Return when a part of the job began to open, and to run."""
        told: dict[str, Any] = self._engines.flink.rest(f"/jobs/{job_id}/vertices/{vertex}/subtasks/{number}")
        spent = told["status-duration"]
        opening_ms = told["start-time"] + sum(spent[state] for state in ("CREATED", "SCHEDULED", "DEPLOYING") if spent[state] > 0)
        return opening_ms, opening_ms + max(spent["INITIALIZING"], 0)


def main() -> None:
    """Kill as often as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("task-managers", "job-managers", "brokers", "clients"):
        parser.add_argument(f"--{name}", type=int, default=1)
    parser.add_argument("--rate", type=float, default=200, help="requests a second of all eight clients together")
    parser.add_argument("--of-brokers", type=int, default=1, help="of how many brokers Kafka consists")
    parser.add_argument("--cold", action="store_true", help="do not load the classes in TaskManagers that replace others")
    told = parser.parse_args()
    # Each client would tell of each attempt to reach the broker.
    logging.getLogger("stateflow.kafka").setLevel(logging.CRITICAL)
    with running_engines(task_managers=2, is_available=True, brokers=told.of_brokers) as engines:
        engines.submit("tests.integration.flink.money_job", APPLICATION)
        options = KafkaOptions(brokers=engines.kafka.address, application=APPLICATION)
        with Load(options, clients=8, rate=told.rate) as load:
            kills = Kills(engines, load, has_warm_spare=not told.cold, has_rest=True)
            rounds = [(kills.task_manager, told.task_managers), (kills.job_manager, told.job_managers), (kills.broker, told.brokers)]
            for kill, count in rounds:
                for _ in range(count):
                    kill()
                    print(msgspec.json.encode(kills.kills[-1]).decode(), flush=True)
            for number in range(told.clients):
                kill_client_and_repeat(options, f"victim-{number}", 100)
            load.finish()
            requests = len(list(load.requests()))
    gaps = {name: [kill.gap_s for kill in kills.kills if kill.killed == name] for name in ("TaskManager", "JobManager", "broker")}
    for name, found in gaps.items():
        if found:
            print(f"{name}: {len(found)} kills, gap median {statistics.median(found):.2f} s, most {max(found):.2f} s")
    print(f"{told.clients} clients killed; {requests} requests, each changed state once")


if __name__ == "__main__":
    sys.exit(main())
