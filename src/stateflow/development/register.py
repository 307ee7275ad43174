"""Which processes `stateflow dev` has left running in the background, so that another command can stop them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

import msgspec
import psutil

from stateflow.development.processes import STOP_DEADLINE_S

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Running", "forget_stopped", "note_running", "stop_running"]

_FILE: Final = "running.json"
_CLOCK_ERROR_S: Final = 2.0


class Running(msgspec.Struct, frozen=True):
    """One process: what it is, where it is reached, and what tells it from a later process with the same number."""

    title: str
    address: str
    pid: int
    started_s: float


def note_running(folder: Path, title: str, address: str, pids: Sequence[int]) -> None:
    """Add processes to those that run in the background.

    Args:
        folder: the folder of `stateflow dev`.
        title: what they are.
        address: where clients reach them.
        pids: their process ids, in the order in which they are to be stopped.
    """
    new = [Running(title, address, pid, psutil.Process(pid).create_time()) for pid in pids]
    _write(folder, [*forget_stopped(folder), *new])


def forget_stopped(folder: Path) -> list[Running]:
    """Return the processes that still run, after dropping the others from the list."""
    path = folder / _FILE
    if not path.exists():
        return []
    noted = msgspec.json.decode(path.read_bytes(), type=list[Running])
    running = [each for each in noted if _process(each) is not None]
    if len(running) < len(noted):
        _write(folder, running)
    return running


def stop_running(folder: Path) -> list[Running]:
    """End the processes in the list, and wait until they have ended. Return them."""
    running = forget_stopped(folder)
    for each in running:
        process = _process(each)
        if process is not None:
            _end(process)
    forget_stopped(folder)
    return running


def _write(folder: Path, running: list[Running]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _FILE).write_bytes(msgspec.json.format(msgspec.json.encode(running)))


def _process(noted: Running) -> psutil.Process | None:
    """Return the process, unless it has ended and its number belongs to another one now."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(noted.pid)
        is_same = abs(process.create_time() - noted.started_s) < _CLOCK_ERROR_S
        if is_same and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None


def _end(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.terminate()
        try:
            process.wait(STOP_DEADLINE_S)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(STOP_DEADLINE_S)
