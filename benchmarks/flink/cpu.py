"""What processes take of the processor, and which core they run, as the kernel says in `/proc`."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

__all__ = ["cpu_seconds", "has_compiled_core", "thread_seconds"]

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Return what a process has taken so far, in seconds."""
    return _seconds(Path(f"/proc/{pid}/stat"))


def thread_seconds(pid: int) -> dict[str, float]:
    """Return what the threads of a process have taken so far, in seconds, by their names without numbers; those that ended are left out."""
    found: Counter[str] = Counter()
    for folder in Path(f"/proc/{pid}/task").iterdir():
        try:
            name = (folder / "comm").read_text().strip()
            found[name.rstrip("-#0123456789() /") or name] += _seconds(folder / "stat")  # type: ignore[assignment]
        except FileNotFoundError:
            continue
    return dict(found)


def has_compiled_core(pid: int) -> bool:
    """Tell whether a process has loaded the core that is compiled."""
    return "stateflow_core__mypyc" in Path(f"/proc/{pid}/maps").read_text()


def _seconds(stat: Path) -> float:
    # The name before may hold spaces and parentheses.
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
