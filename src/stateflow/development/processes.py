"""Java processes that are started, waited for and stopped; always by process id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from stateflow.errors import StartFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["JavaProcess", "free_ports", "is_free", "takes_connections", "wait_until"]

STOP_DEADLINE_S: Final = 20.0
"""How long a process has to end by itself before it is killed."""

_POLL_S: Final = 0.05
_LOG_TAIL_LINES: Final = 12


def free_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """Return ports that nothing listens on now. Another process may take one before it is used: who starts something there tries again."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind((host, 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Return whether nothing listens on a port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def takes_connections(port: int, host: str = "127.0.0.1") -> bool:
    """Return whether something listens on a port now. Asked while it starts, this does not get in its way, as trying to bind would."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


def wait_until(condition: Callable[[], bool], deadline_s: float) -> bool:
    """Return whether a condition became true before the deadline."""
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(_POLL_S)
    return True


class JavaProcess:
    """One running process with its log file.

    Args:
        title: what it is, for messages.
        command: the program and its arguments.
        log: the file that gets what it prints; appended to.
        environment: what it gets beside this process's environment.
    """

    def __init__(self, title: str, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> None:
        self.title = title
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log_start = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def printed(self) -> str:
        """Return what this process has printed so far."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")

    def wait_ready(self, is_ready: Callable[[], bool], deadline_s: float) -> None:
        """Wait until the process is of use.

        Raises:
            StartFailed: it ended, or was not ready in time; the message has the end of its log.
        """
        try:
            wait_until(lambda: not self.is_running or is_ready(), deadline_s)
        except BaseException:
            self.kill()
            raise
        if self.is_running and is_ready():
            return
        reason = f"it was not ready within {deadline_s:.0f} s" if self.is_running else f"it ended with code {self._process.returncode}"
        self.kill()
        self.refuse(reason)

    def refuse(self, reason: str) -> NoReturn:
        """Raise `StartFailed` with the end of the log."""
        lines = [line for line in self.printed().splitlines() if not line.startswith(("\tat ", "\t... "))]
        raise StartFailed(self.title, reason, "\n".join(lines[-_LOG_TAIL_LINES:]), str(self.log))

    def stop(self) -> None:
        """Ask the process to end, and kill it when it does not."""
        if self.is_running:
            self._process.terminate()
        try:
            self._process.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the process at once (SIGKILL)."""
        if self.is_running:
            self._process.send_signal(signal.SIGKILL)
        self._process.wait()
