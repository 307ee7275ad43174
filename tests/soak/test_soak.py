"""What `make soak` calls growth, and a moment of it."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.soak.slopes import slope_of

ROOT = Path(__file__).parents[2]


def series(rise: float, noise: float, seed: int) -> list[float]:
    draw = random.Random(seed)
    return [100 + rise * n / 600 + draw.gauss(0, noise) for n in range(600)]


@pytest.mark.parametrize("seed", range(20))
def test_flat_series_is_no_growth(seed: int) -> None:
    assert not slope_of(series(0, 5, seed)).is_growth


@pytest.mark.parametrize("seed", range(20))
def test_series_that_rises_by_a_tenth_is_growth(seed: int) -> None:
    assert slope_of(series(10, 5, seed)).is_growth


def test_series_that_falls_or_saws_is_no_growth() -> None:
    assert not slope_of(series(-20, 1, 1)).is_growth
    assert not slope_of([100 + n % 30 for n in range(600)]).is_growth


def test_size_taken_in_the_first_fifth_is_no_growth() -> None:
    assert not slope_of([min(n, 100) + 100.0 for n in range(600)]).is_growth


def test_exact_line_is_growth_and_exact_constant_is_none() -> None:
    assert slope_of([100.0 + n for n in range(600)]).is_growth
    assert not slope_of([4.0] * 600).is_growth


@pytest.mark.slow
@pytest.mark.process
def test_soak_of_a_moment_prints_its_table() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak", "--minutes", "0.05"], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    assert "ledger requests" in done.stdout, done.stderr
    assert ", 0 wrong ones" in done.stdout
