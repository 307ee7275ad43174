"""What the JobManager of Flink tells and does by its REST interface."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any, Final

from msgspec import Struct

from stateflow.errors import JobManagerUnreachable, JobRefused

__all__ = ["FlinkJobs", "RunningJob", "ask"]

REQUEST_DEADLINE_S: Final = 10.0
SAVEPOINT_DEADLINE_S: Final = 300.0
"""How long a savepoint may take: it writes the whole state of the job."""

_POLL_S: Final = 0.1
_ENDED: Final = frozenset({"FINISHED", "CANCELED", "FAILED"})


def ask(address: str, path: str, method: str = "GET", body: object = None) -> Any:
    """Send one request to a JobManager and return its JSON.

    Raises:
        JobManagerUnreachable: it does not answer.
        JobRefused: it refuses; the message has its words.
    """
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://{address}{path}", content, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=REQUEST_DEADLINE_S) as response:
            text = response.read()
    except urllib.error.HTTPError as error:
        with error:
            raise JobRefused(path, error.read().decode(errors="replace")[:2000]) from None
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise JobManagerUnreachable(address, str(error)) from None
    return json.loads(text) if text else None


class RunningJob(Struct, frozen=True):
    """A job of StateFlow on a cluster.

    Attributes:
        id: what Flink calls it.
        application: whose log it reads.
        state: what Flink says, such as RUNNING or RESTARTING.
        running_s: since when, in seconds.
    """

    id: str
    application: str
    state: str
    running_s: float


class FlinkJobs:
    """The jobs of StateFlow on one cluster.

    Args:
        address: `host:port` of the JobManager's REST interface.
    """

    PREFIX: Final = "stateflow "
    """Begins the names of all jobs of StateFlow; the application follows."""

    def __init__(self, address: str) -> None:
        self._address = address

    def running(self) -> list[RunningJob]:
        """Return the jobs that have not ended."""
        return [
            RunningJob(job["jid"], job["name"].removeprefix(self.PREFIX), job["state"], job["duration"] / 1000)
            for job in ask(self._address, "/jobs/overview")["jobs"]
            if job["name"].startswith(self.PREFIX) and job["state"] not in _ENDED
        ]

    def find(self, application: str) -> RunningJob:
        """Return the job of an application.

        Raises:
            JobRefused: there is none.
        """
        found = [job for job in self.running() if job.application == application]
        if not found:
            raise JobRefused(application, "no job of this application runs on the cluster")
        return found[0]

    def stop(self, job_id: str, folder: str | None = None) -> str:
        """Save the state of a job, end it, and return where the savepoint is. Requests that have begun go on when a job resumes from it.

        Args:
            job_id: which job.
            folder: where to save; the cluster's own setting when it is None.
        """
        body: dict[str, object] = {"drain": False} if folder is None else {"drain": False, "targetDirectory": folder}
        trigger = ask(self._address, f"/jobs/{job_id}/stop", "POST", body)["request-id"]
        end_s = time.monotonic() + SAVEPOINT_DEADLINE_S
        while time.monotonic() < end_s:
            answer = ask(self._address, f"/jobs/{job_id}/savepoints/{trigger}")
            if answer["status"]["id"] == "COMPLETED":
                return _location(job_id, answer["operation"])
            time.sleep(_POLL_S)
        raise JobRefused(job_id, f"the savepoint was not complete within {SAVEPOINT_DEADLINE_S:.0f} s; the job goes on")

    def failures(self, job_id: str) -> list[str]:
        """Return the last errors of a job, the newest first."""
        history = ask(self._address, f"/jobs/{job_id}/exceptions")["exceptionHistory"]["entries"]
        return [str(entry["stacktrace"]) for entry in history]


def _location(job_id: str, operation: dict[str, Any]) -> str:
    if "location" not in operation:
        raise JobRefused(job_id, str(operation.get("failure-cause", {}).get("stack-trace", "the savepoint failed"))[:2000])
    return str(operation["location"])
