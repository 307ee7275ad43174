"""Seeded runs with everything that can go wrong have no violation, and have met what they are to show."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.simulation.seeds import REQUIRED, Found, run_chunk

if TYPE_CHECKING:
    from stateflow.runtime.simulation import Setting

SEEDS = 300

# Half a minute of work for one core; on a busy machine that takes longer than other tests may.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("seeds")]


@pytest.fixture(scope="module")
def runs() -> tuple[Found, Counter[str]]:
    return run_chunk(range(SEEDS))


def test_no_seed_has_a_violation(runs: tuple[Found, Counter[str]]) -> None:
    found: list[tuple[Setting, object]] = list(runs[0])
    assert found == []


@pytest.mark.parametrize("sight", REQUIRED)
def test_seeds_have_seen(sight: str, runs: tuple[Found, Counter[str]]) -> None:
    assert runs[1][sight] > 0
