"""Measure everything and write the page: `python -m benchmarks.report --budget 15m`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

import stateflow
from benchmarks.report.page import page
from benchmarks.report.parts import PARTS, run_part
from benchmarks.report.plan import FLINK_NEEDS, FULL_BUDGET_S, NEEDS, budget_in_s, plan_for
from stateflow.bench.results import machine

_GRACE_S = 60.0


def measure(budget_s: float, parts: list[str], folder: Path) -> dict[str, Any]:
    """Run the parts one after another, each for its share of what is left of the budget."""
    begin = time.monotonic()
    found: dict[str, Any] = {"machine": msgspec.to_builtins(machine(folder)), "version": stateflow.__version__}
    windows: list[float] = []
    columns = (TextColumn("{task.description:>10}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("", total=len(parts))
        for number, part in enumerate(parts):
            progress.update(bar, description=part, completed=number)
            left_s = budget_s - (time.monotonic() - begin)
            if left_s <= 0:
                found[part] = {"left_out": "the budget was used up: the machine was slower than the plan thought"}
                continue
            plan = plan_for(budget_s, left_s, parts[number:], folder)
            windows.append(plan.window_s)
            found[part] = run_part(part, plan, left_s + _GRACE_S)
            if "failed" in found[part]:
                print(f"{part} failed: {found[part]['failed']}", file=sys.stderr)
        progress.update(bar, completed=len(parts))
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    facts = {"is_full": budget_s >= FULL_BUDGET_S, "took_s": round(time.monotonic() - begin), "load_at_end": round(load, 2)}
    return {**found, **facts, "plan": {"budget_s": budget_s, "window_s": min(windows, default=0.0)}}


def main() -> None:
    """Write the page and its numbers; exit with 1 when a part failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", type=budget_in_s, default=900.0, help="how long all may take: 90s, 15m, 1h")
    parser.add_argument("--output", type=Path, default=Path("bench-report.html"))
    parser.add_argument("--flink", action="store_true", help="also measure on a real Flink, within the budget")
    parser.add_argument("--only", choices=sorted(PARTS), nargs="+", help="measure these parts only")
    parser.add_argument("--from-json", type=Path, help="draw the page of numbers that were measured before")
    given = parser.parse_args()
    if given.from_json:
        found = msgspec.json.decode(given.from_json.read_bytes())
    else:
        asked = given.only or [*(FLINK_NEEDS if given.flink else ()), *NEEDS]
        parts = [part for part in (*FLINK_NEEDS, *NEEDS) if part in asked]
        with tempfile.TemporaryDirectory(prefix="stateflow-report-") as folder:
            found = measure(given.budget, parts, Path(folder))
        given.output.with_suffix(".json").write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1))
    given.output.write_text(page(found), encoding="utf-8")
    print(given.output)
    sys.exit(any("failed" in part for part in found.values() if isinstance(part, dict)))


if __name__ == "__main__":
    main()
