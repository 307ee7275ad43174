"""Run the engine for minutes and fail when something grows: `python -m tests.soak --minutes 10`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from array import array
from pathlib import Path

import stateflow
from stateflow.options import LocalOptions
from stateflow.runtime.local import LocalRuntime
from tests.soak.load import Box, Load
from tests.soak.slopes import slope_of

_THREADS = 4
# Small, so that ledger and cache are full, and turn over, from the first minute on.
_OPTIONS = LocalOptions(cache_bytes=4_000_000, ledger_requests=40_000)
_INTERVAL_S = 0.5
# By then each lid was replaced some three times, and the file has the size that it keeps. On a busy machine that takes minutes.
_SETTLED_REPLIES = 300_000


def main() -> int:
    """Run and print the table. The exit code is 1 when something grows or a request fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stateflow-soak-") as folder:
        path = Path(folder) / "soak.db"
        with LocalRuntime(stateflow.init(Box), path=path, options=_OPTIONS) as runtime, runtime.client(bind=False) as client:
            load = Load(client, _THREADS)
            load.start()
            settle(load, given.minutes * 60)
            samples = watch(runtime, path, load, given.minutes * 60)
            load.stop()
    grown = report(samples)
    print(f"{load.replies} replies in {given.minutes:g} minutes, {len(load.problems)} wrong ones {load.problems[:3]}")
    return 1 if grown or load.problems else 0


def settle(load: Load, most_seconds: float) -> None:
    """Wait until files and caches have their size."""
    pause, begin = threading.Event(), time.monotonic()
    while load.replies < _SETTLED_REPLIES and time.monotonic() < begin + most_seconds:
        pause.wait(_INTERVAL_S)
    print(f"{load.replies} replies in {time.monotonic() - begin:.0f} s before the first measurement", flush=True)


def watch(runtime: LocalRuntime, path: Path, load: Load, seconds: float) -> dict[str, array[float]]:
    """Measure every half second."""
    # Numbers of their own would be seven more blocks of memory for each measurement: in nine minutes 2 % of all.
    samples: dict[str, array[float]] = {}
    pause, end, before = threading.Event(), time.monotonic() + seconds, load.replies
    while time.monotonic() < end:
        pause.wait(_INTERVAL_S)
        values = measure(runtime, path) | {"replies/s": (load.replies - before) / _INTERVAL_S}
        before = load.replies
        for name, value in values.items():
            samples.setdefault(name, array("d")).append(value)
    return samples


def measure(runtime: LocalRuntime, path: Path) -> dict[str, float]:
    """Return what must stay flat."""
    engine = runtime._engine
    assert engine is not None
    log = path.with_name(path.name + "-wal")
    return {
        "memory MB": resident_bytes() / 1e6,
        "Python blocks": sys.getallocatedblocks(),
        "file MB": path.stat().st_size / 1e6,
        "log MB": log.stat().st_size / 1e6 if log.exists() else 0.0,
        "ledger requests": engine.ledger.size,
        "cached entities": engine.journal.cached,
        "threads": threading.active_count(),
        "open files": len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0,  # noqa: PTH208, PTH112
    }


def resident_bytes() -> int:
    """Return the memory of this process; the most it ever had where the system does not say what it has now."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def report(samples: dict[str, array[float]]) -> list[str]:
    """Print one line for each measurement; return the names of those that grow."""
    grown = []
    print(f"{'':16} {'first':>12} {'mean':>12} {'most':>12} {'last':>12} {'rise':>8} {'deviations':>11}")
    for name, values in samples.items():
        slope = slope_of(values)
        grows = slope.is_growth and name != "replies/s"
        grown += [name] if grows else []
        ends = f"{values[0]:12,.1f} {slope.mean:12,.1f} {max(values):12,.1f} {values[-1]:12,.1f}"
        print(f"{name:16} {ends} {slope.rise:8.2%} {slope.deviations:11.1f}{'  GROWS' if grows else ''}")
    return grown


if __name__ == "__main__":
    sys.exit(main())
