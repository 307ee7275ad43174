"""What the JobManager of Flink tells and does by its REST interface."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections import Counter
from typing import Any, Final

from msgspec import Struct, structs

from stateflow.errors import JobManagerUnreachable, JobRefused
from stateflow.runtime.flink.failures import reason_of

__all__ = ["FlinkJobs", "Restart", "RunningJob", "ask"]

REQUEST_DEADLINE_S: Final = 10.0
SAVEPOINT_DEADLINE_S: Final = 300.0
"""How long a savepoint may take: it writes the whole state of the job."""

CANCEL_DEADLINE_S: Final = 60.0
"""How long a job may take to end: its workers close the state and the connections."""

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
        problem: the last error of a job that does not run; empty when it runs.
        checkpoint: where a job that failed has left its last state, from which it can be resumed; empty when it runs, or has none.
    """

    id: str
    application: str
    state: str
    running_s: float
    problem: str = ""
    checkpoint: str = ""


class Restart(Struct, frozen=True):
    """The last time that a job began again.

    Attributes:
        running_since_ms: when its last part began to run, in milliseconds since 1970; another time means another start.
        time_ms: when that was after a crash, in milliseconds since 1970; None when it never was.
    """

    running_since_ms: int
    time_ms: int | None


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
        return [job for job in self._known() if job.state not in _ENDED]

    def shown(self) -> list[RunningJob]:
        """Return the jobs that have not ended, and, where an application has none, the last one when it failed; with their problems."""
        known = sorted(self._known(), key=lambda job: job.running_s)
        alive = {job.application for job in known if job.state not in _ENDED}
        failed = {job.application: job for job in reversed(known) if job.state == "FAILED" and job.application not in alive}
        found = [job for job in known if job.state not in _ENDED] + list(failed.values())
        return [job if self.is_started(job.id) else self._explained(job) for job in found]

    def _explained(self, job: RunningJob) -> RunningJob:
        kept = self.kept_checkpoint(job.id) if job.state == "FAILED" else ""
        return structs.replace(job, problem=self.problem(job.id), checkpoint=kept)

    def _known(self) -> list[RunningJob]:
        return [
            RunningJob(job["jid"], job["name"].removeprefix(self.PREFIX), job["state"], job["duration"] / 1000)
            for job in ask(self._address, "/jobs/overview")["jobs"]
            if job["name"].startswith(self.PREFIX)
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

    def cancel(self, job_id: str) -> None:
        """End a job without saving its state, and wait until it has ended.

        Raises:
            JobRefused: it has ended already, or did not end in time.
        """
        ask(self._address, f"/jobs/{job_id}?mode=cancel", "PATCH")
        end_s = time.monotonic() + CANCEL_DEADLINE_S
        while not self.has_ended(job_id):
            if time.monotonic() > end_s:
                raise JobRefused(job_id, f"it was cancelled, and had not ended within {CANCEL_DEADLINE_S:.0f} s")
            time.sleep(_POLL_S)

    def has_ended(self, job_id: str) -> bool:
        """Tell whether a job has finished, failed or been cancelled."""
        return self.state(job_id) in _ENDED

    def state(self, job_id: str) -> str:
        """Return what Flink says of a job, such as RUNNING or RESTARTING."""
        return str(ask(self._address, f"/jobs/{job_id}/status")["status"])

    def is_started(self, job_id: str) -> bool:
        """Tell whether every part of a job runs: its worker has opened the classes and the state."""
        return self._running_since_ms(job_id) is not None

    def _running_since_ms(self, job_id: str) -> int | None:
        """Return when the last part of a job began to run, by the JobManager's clock; None while not all do."""
        # The only page about parts that the JobManager does not keep for some seconds.
        for job in ask(self._address, "/jobs/overview")["jobs"]:
            if job["jid"] == job_id and job["state"] == "RUNNING" and job["tasks"]["running"] == job["tasks"]["total"]:
                return int(job["last-modification"])
        return None

    def restart(self, job_id: str) -> Restart:
        """Return when a job began again for the last time after a crash.

        Raises:
            JobRefused: it does not run now.
        """
        kept_ms = int(ask(self._address, "/config")["refresh-interval"])
        while True:
            since_ms = self._running_since_ms(job_id)
            if since_ms is None:
                problem = self.problem(job_id)
                raise JobRefused(job_id, f"it is {self.state(job_id)}, so that it cannot be saved" + (f": {problem}" if problem else ""))
            job = ask(self._address, f"/jobs/{job_id}")
            if job["now"] - since_ms > kept_ms:
                # What the JobManager says is younger than the start of the last part.
                restored = ask(self._address, f"/jobs/{job_id}/checkpoints")["latest"]["restored"]
                return Restart(since_ms, _restarted_ms(int(job["timestamps"]["RESTARTING"]), restored))
            time.sleep(_POLL_S)

    def kept_checkpoint(self, job_id: str) -> str:
        """Return where the last checkpoint of a job is; nothing when it has none."""
        latest = ask(self._address, f"/jobs/{job_id}/checkpoints")["latest"]
        # One that failed before its first has kept what it began with.
        found = latest["completed"] or latest["restored"]
        return str(found["external_path"]) if found else ""

    def part_states(self, job_id: str) -> dict[str, int]:
        """Return how many parts of a job are in which state, such as SCHEDULED or RUNNING."""
        found: Counter[str] = Counter()
        for vertex in ask(self._address, f"/jobs/{job_id}")["vertices"]:
            found.update({state: count for state, count in vertex["tasks"].items() if count})
        return dict(found)

    def slots(self) -> tuple[int, int]:
        """Return how many parts of jobs the cluster could run beside those that run, and how many in all."""
        known = ask(self._address, "/overview")
        return int(known["slots-available"]), int(known["slots-total"])

    def problem(self, job_id: str) -> str:
        """Return why a job does not run, as far as Flink knows."""
        failures = self.failures(job_id)
        return reason_of(failures[0]) if failures else ""

    def failures(self, job_id: str) -> list[str]:
        """Return the last errors of a job, the newest first."""
        history = ask(self._address, f"/jobs/{job_id}/exceptions")["exceptionHistory"]["entries"]
        found = [str(entry["stacktrace"]) for entry in history]
        if not found and self.state(job_id) == "FAILED":
            # One that failed before it had any part.
            cause = ask(self._address, f"/jobs/{job_id}/execution-result").get("job-execution-result", {}).get("failure-cause")
            return [str(cause["stack-trace"])] if cause else []
        return found


def _restarted_ms(restarting_ms: int, restored: dict[str, Any] | None) -> int | None:
    times = [restarting_ms]
    if restored is not None and not restored["is_savepoint"]:
        # Also when another JobManager took the job over, which knows of no restart.
        times.append(int(restored["restore_timestamp"]))
    return max(times) or None


def _location(job_id: str, operation: dict[str, Any]) -> str:
    if "location" not in operation:
        raise JobRefused(job_id, str(operation.get("failure-cause", {}).get("stack-trace", "the savepoint failed"))[:2000])
    return str(operation["location"])
