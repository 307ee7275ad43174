"""Errors of Flink's clusters and jobs."""

from __future__ import annotations

from stateflow.errors.root import StateflowError

__all__ = ["JobManagerUnreachable", "JobRefused"]


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
