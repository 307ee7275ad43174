"""Bugs that depend on the hash seed of the process: one process alone cannot show them, two that print the same seed do.

`python -m tests.planted.hash_bugs NAME SEED` plants one and prints the trace of a simulated run.
"""

from __future__ import annotations

import builtins
import sys

import pytest

from stateflow.core import conflicts, ending
from stateflow.core.placement import PartitionPlacement
from stateflow.runtime.simulation import Setting, simulate


def hash_says_where_entities_live(patch):
    patch.setattr(PartitionPlacement, "home", lambda self, cls, key: self.names[hash(key) % len(self.names)])


def places_are_told_in_the_order_of_a_set(patch):
    for module in (conflicts, ending):
        patch.setattr(module, "sorted", list, raising=False)


BUGS = {plant.__name__: plant for plant in (hash_says_where_entities_live, places_are_told_in_the_order_of_a_set)}


def main() -> None:
    """Print a run with a planted bug; with `none` a sound one."""
    name, seed = sys.argv[1:]
    patch = pytest.MonkeyPatch()
    if name != "none":
        BUGS[name](patch)
    result = simulate(Setting(int(seed), places=8, workload="trees", requests=20, is_traced=True))
    builtins.print("\n".join(result.trace))


if __name__ == "__main__":
    main()
