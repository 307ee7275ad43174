"""The durable transfer between two accounts: the engine, by hand over SQLite, plain objects, and other systems that are installed."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.durable import durable_transfers

if TYPE_CHECKING:
    from benchmarks.report.plan import Plan

__all__ = ["PEERS_VARIABLE", "durable", "peers"]

PEERS_VARIABLE = "STATEFLOW_BENCH_PEERS"
"""The folder with `bin/python`, which has the packages of other systems, and `node_modules`."""
_SCRIPTS = {"DBOS": "dbos_transfer.py", "Restate": "restate_transfer.py", "eventsourcing": "eventsourcing_transfer.py"}
_FOLDER = Path(__file__).parents[1] / "peers"
_START_S = 180
# The slowest of them does a few transfers a second where the machine is busy.
_LEAST_S = 3.0
# What `durable_transfers` measures in each of its turns, together.
_MEASUREMENTS = 36


def durable(plan: Plan) -> dict[str, Any]:
    """Measure the engine, the transfer by hand, and plain objects, in turns."""
    return durable_transfers(max(0.2, 6 * plan.window_s / _MEASUREMENTS))


def peers(plan: Plan) -> dict[str, Any]:
    """Run each of the other systems; where one is not installed or fails, say so instead of a number."""
    return {name: _peer(name, script, plan) for name, script in _SCRIPTS.items()}


def _peer(name: str, script: str, plan: Plan) -> dict[str, Any]:
    environment = os.environ.get(PEERS_VARIABLE)
    if environment is None:
        return {"name": name, "missing": "not installed: no environment for other systems was given"}
    folder = Path(environment).resolve()
    python, server = folder / "bin" / "python", folder / "node_modules" / ".bin" / "restate-server"
    if not python.exists():
        return {"name": name, "missing": "not installed: the environment has no Python"}
    if name == "Restate" and not server.exists():
        return {"name": name, "missing": "not installed: npm did not bring @restatedev/restate-server"}
    last, seconds = [str(server)] if name == "Restate" else [], max(_LEAST_S, plan.window_s)
    with tempfile.TemporaryDirectory(dir=plan.folder) as work:
        command = [str(python), str(_FOLDER / script), "--folder", work, "--seconds", str(seconds), *last]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=seconds * 2 + _START_S, check=False)
        except subprocess.TimeoutExpired:
            return {"name": name, "missing": "it did not end in time"}
    lines = done.stdout.splitlines()
    if not lines:
        return {"name": name, "missing": f"it failed: {done.stderr.strip().splitlines()[-1:] or done.returncode}"}
    found: dict[str, Any] = json.loads(lines[-1])
    if not found["verified"]:
        return {"name": name, "missing": f"its accounts are not what was acknowledged: {found['faults']}"}
    return found
