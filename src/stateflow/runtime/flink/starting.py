"""From a job's submission until it runs, or has failed."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Final

from stateflow.errors import JobFailed, JobRefused
from stateflow.runtime.flink.failures import is_lasting, reason_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from stateflow.runtime.flink.rest import FlinkJobs

__all__ = ["wait_finished", "wait_started"]

_POLL_S: Final = 0.1


def wait_started(jobs: FlinkJobs, job_id: str, application: str, timeout_s: float) -> None:
    """Wait until all parts of a job run. A job that does not come so far is cancelled, so that nothing of it is left.

    Raises:
        JobFailed: a worker cannot run the classes, or the job ended.
        JobRefused: it did not start in time.
    """
    _wait(jobs, job_id, application, timeout_s, jobs.is_started)


def wait_finished(jobs: FlinkJobs, job_id: str, application: str, timeout_s: float) -> None:
    """Wait until a job that ends by itself has done so.

    Raises:
        JobFailed: it failed.
        JobRefused: it did not end in time.
    """
    _wait(jobs, job_id, application, timeout_s, lambda job_id: jobs.state(job_id) == "FINISHED")


def _wait(jobs: FlinkJobs, job_id: str, application: str, timeout_s: float, is_done: Callable[[str], bool]) -> None:
    end_s = time.monotonic() + timeout_s
    while True:
        # Asked first: it may end well in between.
        has_ended = jobs.has_ended(job_id)
        if is_done(job_id):
            return
        # Flink tells of an error some seconds after it happened.
        failures = jobs.failures(job_id)
        # A broker or a TaskManager may come back.
        if failures and (has_ended or is_lasting(failures[0])):
            _cancel(jobs, job_id)
            raise JobFailed(application, reason_of(failures[0]))
        if has_ended and (state := jobs.state(job_id)) != "FAILED":
            raise JobRefused(application, f"somebody ended it while it started; its state is {state}")
        if time.monotonic() > end_s:
            _cancel(jobs, job_id)
            raise JobRefused(application, _why_late(jobs, failures, timeout_s))
        time.sleep(_POLL_S)


def _cancel(jobs: FlinkJobs, job_id: str) -> None:
    # What is reported is why, not that it had ended before.
    with contextlib.suppress(JobRefused):
        jobs.cancel(job_id)


def _why_late(jobs: FlinkJobs, failures: list[str], timeout_s: float) -> str:
    free, total = jobs.slots()
    last = f"; its last error: {reason_of(failures[0])}" if failures else ""
    return f"it did not start within {timeout_s:g} s, with {free} of the cluster's {total} slots free, and was cancelled{last}"
