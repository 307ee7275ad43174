"""Compare generated programs with CPython: `python -m tests.fuzz --programs 100000 --seed 0 --jobs 2`."""

from __future__ import annotations

import argparse
import os
import sys

from tests.fuzz.running import run_programs


def main() -> int:
    """Run the programs; print and shrink each one that differs. The exit code is 1 when one did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0, help="the first seed; a seed always gives the same program")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes; all cores by default")
    parser.add_argument("--stop-after", type=int, default=5, help="differences after which to stop")
    given = parser.parse_args()
    done, found = run_programs(given.seed, given.programs, given.jobs, given.stop_after)
    print(f"{done} programs run (seeds {given.seed} to {given.seed + given.programs - 1}), {found} differences")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
