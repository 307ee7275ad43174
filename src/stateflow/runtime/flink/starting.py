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

__all__ = ["wait_probed", "wait_started"]

_POLL_S: Final = 0.1
_MEANINGS: Final = {
    "SCHEDULED": " (waiting for a slot)",
    "DEPLOYING": " (on the way to a TaskManager)",
    "INITIALIZING": " (opening the classes and the state)",
}
"""What the states of a part mean that are not plain from their names."""


def wait_started(jobs: FlinkJobs, job_id: str, application: str, timeout_s: float) -> None:
    """Wait until all parts of a job run. A job that does not come so far is cancelled, so that nothing of it is left.

    Raises:
        JobFailed: a worker cannot run the classes, or the job ended.
        JobRefused: it did not start in time.
    """
    _wait(jobs, job_id, application, timeout_s, jobs.is_started, f"it did not start within {timeout_s:g} s")


def wait_probed(jobs: FlinkJobs, job_id: str, application: str, timeout_s: float) -> None:
    """Wait until the probe of an application has ended by itself.

    Raises:
        JobFailed: it failed.
        JobRefused: it did not end in time.
    """
    late = f"the probe, which loads its classes in each free slot, did not end within {timeout_s:g} s"
    _wait(jobs, job_id, application, timeout_s, lambda job_id: jobs.state(job_id) == "FINISHED", late)


def _wait(jobs: FlinkJobs, job_id: str, application: str, timeout_s: float, is_done: Callable[[str], bool], late: str) -> None:
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
            # Asked before the job gives its slots back.
            why = f"{late}, and was cancelled; {_what_it_did(jobs, job_id, failures)}"
            _cancel(jobs, job_id)
            raise JobRefused(application, why)
        time.sleep(_POLL_S)


def _cancel(jobs: FlinkJobs, job_id: str) -> None:
    # What is reported is why, not that it had ended before.
    with contextlib.suppress(JobRefused):
        jobs.cancel(job_id)


def _what_it_did(jobs: FlinkJobs, job_id: str, failures: list[str]) -> str:
    free, total = jobs.slots()
    parts = ", ".join(f"{count} {state}{_MEANINGS.get(state, '')}" for state, count in jobs.part_states(job_id).items())
    last = f"; its last error: {reason_of(failures[0])}" if failures else ""
    return f"it was {jobs.state(job_id)}, its parts {parts or 'not made yet'}, with {free} of the cluster's {total} slots free{last}"
