"""Errors of Flink's clusters and jobs."""

from __future__ import annotations

from stateflow.errors.root import StateflowError

__all__ = ["JobFailed", "JobManagerUnreachable", "JobRefused", "JobReplays", "SavepointRefused"]


class JobManagerUnreachable(StateflowError, ConnectionError):
    """No JobManager of Flink answers."""

    code = "SF620"

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(
            f"{self.code}: no JobManager of Flink answers at {address} ({reason}); is the address right, and does it run? "
            "`stateflow dev flink` starts one on this machine"
        )
        self.address = address
        self.reason = reason


class JobRefused(StateflowError):
    """A job could not be started, found, saved or stopped."""

    code = "SF621"

    def __init__(self, job: str, reason: str) -> None:
        super().__init__(f"{self.code}: {job}: {reason}")
        self.job = job
        self.reason = reason


class JobFailed(StateflowError):
    """A job ended, or did not begin, because of an error in its workers."""

    code = "SF622"

    def __init__(self, application: str, reason: str) -> None:
        super().__init__(f"{self.code}: the job of {application} failed: {reason}")
        self.application = application
        self.reason = reason


class SavepointRefused(StateflowError):
    """A saved state cannot go on with the log as it is now: requests would be missing."""

    code = "SF623"

    def __init__(self, application: str, savepoint: str, reason: str) -> None:
        super().__init__(
            f"{self.code}: the job of {application} cannot go on from {savepoint}: {reason}. Resume from a later savepoint, or begin anew "
            "under another application name"
        )
        self.application = application
        self.savepoint = savepoint
        self.reason = reason


class JobReplays(StateflowError):
    """A job still reads again what it had read before it restarted, so that other code may not take over yet."""

    code = "SF624"

    def __init__(self, application: str, timeout_s: float, reason: str) -> None:
        super().__init__(
            f"{self.code}: the job of {application} has restarted, and did not reach the place in the log where it was before within "
            f"{timeout_s:g} s: {reason}. It goes on; try again when it has caught up"
        )
        self.application = application
        self.timeout_s = timeout_s
        self.reason = reason
