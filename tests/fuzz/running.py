"""Run many generated programs, in several processes."""

from __future__ import annotations

import gc
import multiprocessing
import time

from tests.fuzz.compare import Difference, difference
from tests.fuzz.grammar import generate
from tests.fuzz.shrink import shrink

__all__ = ["run_programs"]

CHUNK = 100
# What analyses and caches keep of each program is dropped with the process.
CHUNKS_PER_PROCESS = 20


def run_programs(first: int, programs: int, jobs: int, stop_after: int) -> tuple[int, int]:
    """Compare programs with CPython; print progress, and each one that differs with its smallest form.

    Args:
        first: the first seed.
        programs: how many there are.
        jobs: the number of processes.
        stop_after: how many differences end the run.

    Returns:
        how many programs were run, and how many differed.
    """
    end = first + programs
    chunks = [range(start, min(start + CHUNK, end)) for start in range(first, end, CHUNK)]
    found = done = 0
    begin = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(jobs, _prepare, maxtasksperchild=CHUNKS_PER_PROCESS) as pool:
        for seeds, differences in pool.imap_unordered(_run_chunk, chunks):
            done += len(seeds)
            for seed, differs in differences:
                found += 1
                print(f"seed {seed}: {differs}\n\n{shrink(generate(seed), differs)}\n", flush=True)
            rate = done / (time.monotonic() - begin)
            print(f"{done} programs, {found} differences, {rate:.1f} programs/s, last seeds {seeds[0]} to {seeds[-1]}", flush=True)
            if found >= stop_after:
                break
    return done, found


def _prepare() -> None:
    # Syntax trees are many small objects that die at once without cycles; looking for cycles would be a quarter of the time.
    gc.set_threshold(100_000, 50, 50)


def _run_chunk(seeds: range) -> tuple[range, list[tuple[int, Difference]]]:
    found = []
    for seed in seeds:
        differs = difference(generate(seed))
        if differs is not None:
            found.append((seed, differs))
    return seeds, found
