"""The result of a run, with the facts of the machine that it was made on."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

from msgspec import Struct

from stateflow.bench.finding import HighestRate
from stateflow.bench.load import Load
from stateflow.bench.recorder import Latency
from stateflow.bench.workload import Condition

__all__ = ["Machine", "Numbers", "Result", "machine"]

_SYNC_ROUNDS = 100


class Machine(Struct, frozen=True, kw_only=True):
    """Where a run was made. `fsync_us` tells a disk from memory: how long 4 KiB take to be written durably where the database is."""

    python: str
    system: str
    processor: str
    cores: int
    load: float
    sqlite: str
    fsync_us: float


class Numbers(Struct, frozen=True, kw_only=True):
    """What was measured; only a run that verified has it.

    Attributes:
        per_second: replies a second in the steady window; aborts that were meant to be are replies.
        latency: by kind of request, from the moment at which it was due.
        late: how late requests were sent; large numbers mean that the load generator was the limit.
        cpu_s: processor time of this process in the whole run, the load generator's and, when embedded, the engine's.
    """

    per_second: float
    latency: dict[str, Latency]
    late: Latency
    cpu_s: float


class Result(Struct, frozen=True, kw_only=True):
    """One run.

    Attributes:
        verified: whether all conditions hold.
        numbers: what was measured; None when the states are wrong.
        highest: the search for the highest rate, of which `numbers` is the best; None without one, or when the states are wrong.
    """

    workload: str
    title: str
    runtime: str
    entities: int
    keys: str
    load: Load
    scale: float
    replies: int
    aborts: dict[str, int]
    errors: dict[str, int]
    conditions: list[Condition]
    verified: bool
    numbers: Numbers | None
    machine: Machine
    highest: HighestRate | None = None


def machine(folder: Path | None = None) -> Machine:
    """Return the facts of this machine.

    Args:
        folder: where the database is; the folder for temporary files when None.
    """
    return Machine(
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()}",
        processor=_processor(),
        cores=os.cpu_count() or 1,
        load=round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else 0.0,
        sqlite=sqlite3.sqlite_version,
        fsync_us=_fsync_us(folder),
    )


def _processor() -> str:
    with_name = Path("/proc/cpuinfo")
    if with_name.exists():
        names = [line.partition(":")[2].strip() for line in with_name.read_text().splitlines() if line.startswith("model name")]
        if names:
            return names[0]
    return platform.processor() or platform.machine()


def _fsync_us(folder: Path | None) -> float:
    times = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(_SYNC_ROUNDS):
            begin = time.perf_counter()
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
            times.append(time.perf_counter() - begin)
    return round(statistics.median(times) * 1e6, 1)
