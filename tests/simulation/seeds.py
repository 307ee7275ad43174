"""Run many seeds, in several processes."""

from __future__ import annotations

import gc
import multiprocessing
import time
from collections import Counter
from typing import TYPE_CHECKING

from stateflow.runtime.simulation import Setting, simulate

if TYPE_CHECKING:
    from stateflow.histories import Violation

__all__ = ["REQUIRED", "run_chunk", "run_seeds"]

CHUNK = 50

_KINDS = ("Start", "Move", "Commit", "Abort", "Restart")

# What runs must have seen: without it they prove nothing about it.
REQUIRED = (
    "abort that came after a later attempt",
    "answer with an error",
    "attempt after the first",
    "beginning with a fetched entity",
    "checkpoint",
    "clock set back",
    "clock set forward",
    "commit with states",
    *(f"crash before {kind} was sent" for kind in ("Move", "Commit", "Abort", "Restart", "Answer")),
    *(f"crash between {before} and {after}" for before in _KINDS for after in _KINDS),
    "decision passed on",
    "die",
    "duplicate sent",
    "machine made anew from records",
    "move of a creation",
    "move back to a place",
    "move past parked frames",
    "record of several envelopes",
    "replayed record",
    "request lost",
    "request of another client with the same id",
    "move that only reads",
    "read WriteBack",
    "rescale",
    "restart away from home",
    "retry",
    "retry of an answered request",
    "state sent home",
    "stopped by an upgrade",
    "upgrade",
    "wait",
    "zombie",
    "zombie sent after its replacement",
)

Found = list[tuple[Setting, "list[Violation]"]]


def run_seeds(first: int, count: int, jobs: int) -> tuple[Found, Counter[str]]:
    """Run seeds; print progress, and each violation.

    Args:
        first: the first seed.
        count: how many.
        jobs: the number of processes.

    Returns:
        The runs with violations, and what all runs have seen.
    """
    chunks = [range(start, min(start + CHUNK, first + count)) for start in range(first, first + count, CHUNK)]
    found: Found = []
    sights: Counter[str] = Counter()
    begin = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(jobs, _prepare) as pool:
        for violated, seen in pool.imap_unordered(run_chunk, chunks):
            sights.update(seen)
            found += violated
            for setting, violations in violated:
                print(f"seed {setting.seed}: {violations[0]}", flush=True)
            if sights["run"] % 1000 < CHUNK:
                rate = sights["run"] / (time.monotonic() - begin)
                print(f"{sights['run']} seeds, {len(found)} with violations, {rate:.1f} seeds/s", flush=True)
    return found, sights


def run_chunk(seeds: range) -> tuple[Found, Counter[str]]:
    """Run some seeds in this process."""
    found: Found = []
    sights: Counter[str] = Counter()
    for seed in seeds:
        result = simulate(Setting(seed))
        sights.update(result.sights)
        if result.violations:
            found.append((result.setting, result.violations))
    return found, sights


def _prepare() -> None:
    # A run makes many small objects that die at once; looking for cycles among them would take a part of the time.
    gc.set_threshold(100_000, 50, 50)
