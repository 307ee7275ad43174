"""Run many generated programs, in several processes."""

from __future__ import annotations

import gc
import multiprocessing
import time

from tests.fuzz.compare import difference
from tests.fuzz.grammar import generate
from tests.fuzz.shrink import shrink

__all__ = ["run_programs"]

CHUNK = 50
# What analyses and caches keep of each program is dropped with the process.
CHUNKS_PER_PROCESS = 40
PROGRAMS_PER_COLLECTION = 50


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
            found += len(differences)
            for seed, differs in differences:
                print(f"seed {seed}: {differs}\n", flush=True)
            rate = done / (time.monotonic() - begin)
            print(f"{done} programs, {found} differences, {rate:.1f} programs/s, last seeds {seeds[0]} to {seeds[-1]}", flush=True)
            if found >= stop_after:
                break
    return done, found


def _prepare() -> None:
    # Syntax trees are many small objects that die at once without cycles; looking for cycles would be a quarter of the time.
    gc.disable()


def _run_chunk(seeds: range) -> tuple[range, list[tuple[int, str]]]:
    """Compare some programs; make those that differ smaller here, so that the other processes go on meanwhile."""
    found = []
    for number, seed in enumerate(seeds):
        if number % PROGRAMS_PER_COLLECTION == 0:
            gc.collect()
        text = _compare(generate(seed))
        if text:
            found.append((seed, text))
    return seeds, found


def _compare(source: str) -> str:
    try:
        differs = difference(source)
    except Exception as error:
        return f"the comparison raised {type(error).__name__}: {error}\n\n{source}"
    return f"{differs}\n\n{shrink(source, differs)}" if differs is not None else ""
