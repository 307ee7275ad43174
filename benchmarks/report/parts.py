"""The parts of the report. Each runs in a process of its own: its memory is its own, and one that fails leaves the others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks.report.compared import durable, peers
from benchmarks.report.costs import costs
from benchmarks.report.loads import by_clients, by_rate, by_size, highest, tpcc, workloads
from benchmarks.report.micro import lengths, micro
from benchmarks.report.on_flink import flink, flink_by_hand
from benchmarks.report.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PARTS", "run_part"]

PARTS: dict[str, Callable[[Plan], dict[str, Any]]] = {
    "durable": durable,
    "peers": peers,
    "by_rate": by_rate,
    "highest": highest,
    "by_clients": by_clients,
    "by_size": by_size,
    "workloads": workloads,
    "tpcc": tpcc,
    "costs": costs,
    "lengths": lengths,
    "micro": micro,
    "flink": flink,
    "flink_by_hand": flink_by_hand,
}

_END_S = 60.0


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
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True) as running:
        try:
            out, err = running.communicate(msgspec.json.encode(plan), timeout_s)
        except subprocess.TimeoutExpired:
            _interrupt(running)
            return {"left_out": f"it took more than {timeout_s:.0f} s, which is more than the budget allows"}
        except BaseException:
            _interrupt(running)
            raise
    if running.returncode:
        last = err.decode(errors="replace").strip().splitlines()[-1:]
        return {"failed": last[0] if last else f"exit code {running.returncode}"}
    found: dict[str, Any] = msgspec.json.decode(out.splitlines()[-1])
    return found


def _interrupt(running: subprocess.Popen[bytes]) -> None:
    """End a part, and let it end the brokers and clusters that it has started, which would stay otherwise."""
    for number, patience_s in ((signal.SIGINT, _END_S), (signal.SIGKILL, None)):
        try:
            os.killpg(running.pid, number)
            running.communicate(timeout=patience_s)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
        return


def main() -> None:
    """Run the part that is named, with the plan on the standard input; print what it found as one line of JSON."""
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    print(msgspec.json.encode(PARTS[sys.argv[1]](plan)).decode())


if __name__ == "__main__":
    main()
