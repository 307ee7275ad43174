"""Crash everything within a budget: `python -m tests.crash --budget 600`; without a limit: `--budget 0`."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.crash.corpus import crash_programs
from tests.crash.rounds import Bank, Round

_THREADS, _TASKS, _REPLIES = 64, 1000, 8_000


def main() -> int:
    """Run; print what was done and each problem. The exit code is 1 when there is one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", type=float, default=600, help="seconds; 0: no limit")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=20, help="rounds of transfers")
    parser.add_argument("--workers", type=int, default=2, help="processes that sweep programs")
    given = parser.parse_args()
    deadline = time.monotonic() + given.budget if given.budget else float("inf")
    draw = random.Random(given.seed)
    problems = transfers(draw, given.rounds, deadline)
    problems += crash_programs(draw, given.workers, deadline)
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems (seed {given.seed})")
    return 1 if problems else 0


def transfers(draw: random.Random, rounds: int, deadline: float) -> list[str]:
    """Kill a bank of threads and tasks, round after round."""
    with tempfile.TemporaryDirectory(prefix="stateflow-crash-") as folder:
        bank = Bank(Path(folder) / "bank.db", workers=_THREADS + _TASKS)
        done = 0
        while done < rounds and time.monotonic() < deadline:
            code = bank.run(Round.draw(draw, _THREADS, _TASKS, _REPLIES), draw)
            if code >= 0:
                bank.problems.append(f"round {done + 1} ended with code {code} instead of by SIGKILL")
            done += 1
        problems = bank.check()
    print(f"transfers: {done} of {rounds} rounds killed, {len(bank.replies)} transfers, {bank.repeated} repeats, {len(problems)} problems")
    return problems


if __name__ == "__main__":
    sys.exit(main())
