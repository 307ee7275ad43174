"""Whether a job that has restarted is where it was before, so that other code may take over.

After a crash a job reads again what it had read since its last checkpoint, and sends again what it had sent. Other code could send
something else. A savepoint is safe when it is behind all that the job had read before its last restart: where the log ended then, or
further.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from stateflow.client.kafka.positions import noted_positions, positions_at
from stateflow.client.kafka.rights import Role
from stateflow.client.kafka.topics import open_topics
from stateflow.errors import JobReplays
from stateflow.limits import JOB_CATCH_UP_S

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stateflow.options import KafkaOptions
    from stateflow.runtime.flink.rest import FlinkJobs

__all__ = ["behind", "save_and_stop"]

_CLOCKS_MS: Final = 10_000
"""How far the clocks of the JobManager and the brokers may be apart."""

_POLL_S: Final = 0.2


def save_and_stop(
    jobs: FlinkJobs,
    kafka: KafkaOptions,
    folder: str | None = None,
    *,
    timeout_s: float = JOB_CATCH_UP_S,
    on_wait: Callable[[str], object] = lambda _: None,
) -> str:
    """Save the state of an application's job and end it, once it has caught up; return where the savepoint is.

    Args:
        jobs: the cluster.
        kafka: where the log is, and the application's name.
        folder: where to save; the cluster's own setting when it is None.
        timeout_s: how long the job has to catch up.
        on_wait: told what is waited for.

    Raises:
        JobManagerUnreachable: no JobManager answers.
        BrokerUnreachable: no broker answers.
        JobRefused: there is no such job, it does not run, or it cannot be saved.
        JobReplays: it did not catch up in time.
    """
    job_id = jobs.find(kafka.application).id
    end_s = time.monotonic() + timeout_s
    while True:
        restart = jobs.restart(job_id)
        if restart.time_ms is not None:
            _wait_for(jobs, job_id, kafka, restart.time_ms, end_s, timeout_s, on_wait)
        # Another crash in between would have begun another replay. One while the state is saved makes that fail.
        if jobs.restart(job_id) == restart:
            return jobs.stop(job_id, folder)


def _wait_for(
    jobs: FlinkJobs, job_id: str, kafka: KafkaOptions, restarted_ms: int, end_s: float, timeout_s: float, on_wait: Callable[[str], object]
) -> None:
    topics = open_topics(kafka, Role.STOPPER)
    wanted = positions_at(kafka, topics, restarted_ms + _CLOCKS_MS)
    while reason := behind(noted_positions(kafka, topics), wanted):
        on_wait(reason)
        if time.monotonic() > end_s:
            problem = jobs.problem(job_id) if not jobs.is_started(job_id) else ""
            raise JobReplays(kafka.application, timeout_s, f"{reason}; {problem}" if problem else reason)
        time.sleep(_POLL_S)


def behind(noted: Mapping[int, int], wanted: Mapping[int, int]) -> str:
    """Return where checkpoints are not yet where they have to be; nothing when they are."""
    for partition, position in sorted(wanted.items()):
        if noted.get(partition, 0) < position:
            return f"partition {partition} is saved up to offset {noted.get(partition, 0)}, and was read up to {position} perhaps"
    return ""
