"""The parts of the report. Each runs in a process of its own: its memory is its own, and one that fails leaves the others."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks.report.compared import durable, flink, peers
from benchmarks.report.costs import costs
from benchmarks.report.loads import by_clients, by_rate, by_size, tpcc, workloads
from benchmarks.report.micro import lengths, micro
from benchmarks.report.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PARTS", "run_part"]

PARTS: dict[str, Callable[[Plan], dict[str, Any]]] = {
    "durable": durable,
    "peers": peers,
    "by_rate": by_rate,
    "by_clients": by_clients,
    "by_size": by_size,
    "workloads": workloads,
    "tpcc": tpcc,
    "costs": costs,
    "lengths": lengths,
    "micro": micro,
    "flink": flink,
}


def run_part(name: str, plan: Plan, timeout_s: float | None = None) -> dict[str, Any]:
    """Run one part in a process of its own.

    Args:
        name: which part.
        plan: how it is measured.
        timeout_s: how long it may take; None for as long as it takes.

    Returns:
        What it found; `failed`, with the last line of what it printed, when it failed; `left_out` when it took too long.
    """
    command = [sys.executable, "-m", "benchmarks.report.parts", name]
    try:
        done = subprocess.run(command, input=msgspec.json.encode(plan), capture_output=True, check=False, timeout=timeout_s)
    except subprocess.TimeoutExpired:
        return {"left_out": f"it took more than {timeout_s:.0f} s, which is more than the budget allows"}
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        return {"failed": last[0] if last else f"exit code {done.returncode}"}
    found: dict[str, Any] = msgspec.json.decode(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Run the part that is named, with the plan on the standard input; print what it found as one line of JSON."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    print(msgspec.json.encode(PARTS[sys.argv[1]](plan)).decode())


if __name__ == "__main__":
    main()
