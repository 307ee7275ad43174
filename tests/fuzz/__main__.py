"""Compare generated programs with CPython: `python -m tests.fuzz --programs 100000 --seed 0`."""

from __future__ import annotations

import argparse
import sys

from tests.fuzz.compare import difference, shrink
from tests.fuzz.grammar import generate


def main() -> int:
    """Run the programs; print and shrink each one that differs. The exit code is 1 when one did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--stop-after", type=int, default=5, help="differences after which to stop")
    given = parser.parse_args()
    found = 0
    for seed in range(given.seed, given.seed + given.programs):
        source = generate(seed)
        text = difference(source)
        if text is not None:
            found += 1
            print(f"seed {seed}: {text}\n{shrink(source)}\n", flush=True)
            if found >= given.stop_after:
                break
        elif (seed - given.seed) % 500 == 499:
            print(f"{seed - given.seed + 1} programs, {found} differences", flush=True)
    print(f"{seed - given.seed + 1} programs run, {found} differences")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
