"""Run many generated programs, in several processes."""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import time

from tests.fuzz.compare import TooLong, difference
from tests.fuzz.grammar import generate, modules
from tests.fuzz.shrink import shrink

__all__ = ["run_programs"]

CHUNK = 80


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
    with multiprocessing.get_context("spawn").Pool(jobs, _prepare) as pool:
        for seeds, differences in pool.imap_unordered(_run_chunk_apart, chunks):
            done += len(seeds)
            found += len(differences)
            for name, differs in differences:
                print(f"{name}: {differs}\n", flush=True)
            rate = done / (time.monotonic() - begin)
            print(f"{done} programs, {found} differences, {rate:.1f} programs/s, last seeds {seeds[0]} to {seeds[-1]}", flush=True)
            if found >= stop_after:
                break
    return done, found


def _prepare() -> None:
    # Syntax trees are many small objects with cycles; looking for those would be a quarter of the time. All end with the process.
    gc.disable()
    # What is compiled once for a process, such as the forms of Python's own functions, is ready in each copy of this one.
    difference(generate(0))


def _run_chunk_apart(seeds: range) -> tuple[range, list[tuple[str, str]]]:
    """Compare some programs in a copy of this process, which takes what they leave behind with it."""
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(receiving)
            with os.fdopen(sending, "w") as answer:
                json.dump(_run_chunk(seeds), answer)
        finally:
            os._exit(0)
    os.close(sending)
    with os.fdopen(receiving) as answer:
        text = answer.read()
    _, status = os.waitpid(child, 0)
    found = json.loads(text) if text else [(f"seeds {seeds[0]} to {seeds[-1]}", f"the process ended with status {status}")]
    return seeds, [(name, differs) for name, differs in found]


def _run_chunk(seeds: range) -> list[tuple[str, str]]:
    """Compare some programs; make those that differ smaller here, so that the other processes go on meanwhile."""
    return [found for module in modules(seeds.start, seeds.stop) for found in _run_module(module)]


def _run_module(seeds: range) -> list[tuple[str, str]]:
    """Compare the programs of a module; when it differs, each for itself, as one that does so alone is smaller."""
    together = generate(seeds.start, seeds.stop)
    try:
        if not _differs(together):
            return []
    except TooLong:
        if len(seeds) > 1:
            return [found for seed in seeds for found in _run_module(range(seed, seed + 1))]
        print(f"seed {seeds.start}: left out: it takes more operations than a transaction may, or CPython does not end", flush=True)
        return []
    alone = [found for seed in seeds for found in _run_module(range(seed, seed + 1))] if len(seeds) > 1 else []
    return alone or [(f"seed {seeds.start}" if len(seeds) == 1 else f"seeds {seeds.start} to {seeds.stop - 1}", _describe(together))]


def _differs(source: str) -> bool:
    try:
        return difference(source) is not None
    except TooLong:
        raise
    except Exception:
        return True


def _describe(source: str) -> str:
    try:
        found = difference(source)
    except Exception as error:
        return f"the comparison raised {type(error).__name__}: {error}\n\n{source}"
    return f"it differs only sometimes\n\n{source}" if found is None else f"{found}\n\n{shrink(source, found)}"
