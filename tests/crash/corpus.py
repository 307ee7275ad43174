"""Crashes of all programs, in several processes."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from concurrent.futures import Future, ProcessPoolExecutor, as_completed

from stateflow.failpoints import POINTS
from tests.crash.kills import kill_and_repeat
from tests.crash.sweep import Sweep, SweptProgram
from tests.judge.corpus import Program, all_programs

__all__ = ["crash_programs"]

# Every so many programs, one is also killed by a signal in a process of its own, which takes a second.
_KILLED_SHARE = 10


def crash_programs(draw: random.Random, workers: int, deadline: float) -> list[str]:
    """Crash each program at each fail point that it passes, in random order, and print what was done.

    Args:
        draw: chooses the order.
        workers: processes to do it in.
        deadline: when to stop, as `time.monotonic` counts.

    Returns:
        What is wrong.
    """
    corpus = all_programs()
    draw.shuffle(corpus)
    total: Counter[str] = Counter()
    problems: list[str] = []
    swept = killed = 0
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        # Few at a time, so that the time is kept.
        waiting = iter(enumerate(corpus))
        running = {_submit(pool, *next(waiting)) for _ in range(workers + 1)}
        while running:
            future = next(as_completed(running))
            running.remove(future)
            sweep, was_killed = future.result()
            swept, killed = swept + 1, killed + was_killed
            total += sweep.points
            problems += sweep.problems
            if time.monotonic() < deadline and (following := next(waiting, None)) is not None:
                running.add(_submit(pool, *following))
    print(f"programs: {swept} of {len(corpus)}, {total.total()} simulated crashes, {killed} by SIGKILL, {len(problems)} problems")
    print("  " + ", ".join(f"{point} {total[point]}" for point in POINTS))
    return problems


def _submit(pool: ProcessPoolExecutor, number: int, program: Program) -> Future[tuple[Sweep, bool]]:
    return pool.submit(_crash, program, number % _KILLED_SHARE == 0)


def _crash(program: Program, is_killed: bool) -> tuple[Sweep, bool]:
    draw = random.Random(program.name)
    swept = SweptProgram(program)
    sweep = swept.sweep(draw)
    if is_killed:
        crash = draw.choice(swept.crashes)
        problem = kill_and_repeat(program, str(crash))
        sweep.problems += [problem] if problem else []
    return sweep, is_killed
