"""Simulate many seeds: `python -m tests.simulation --seeds 10000 --seed 0 --jobs 2`."""

from __future__ import annotations

import argparse
import os
import sys

from tests.simulation.seeds import REQUIRED, run_seeds


def main() -> int:
    """Run the seeds; the exit code is 1 when one has a violation, or when something that must be seen was not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="the first seed; `stateflow simulate --seed N` prints what happens in one")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes; all cores by default")
    given = parser.parse_args()
    found, sights = run_seeds(given.seed, given.seeds, given.jobs)
    for name, count in sorted(sights.items()):
        print(f"{count:9} {name}")
    missing = [name for name in REQUIRED if not sights[name]]
    print(f"{sights['run']} seeds, {len(found)} with violations, never seen: {', '.join(missing) or 'nothing'}")
    return 1 if found or missing else 0


if __name__ == "__main__":
    sys.exit(main())
