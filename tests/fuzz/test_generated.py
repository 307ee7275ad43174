"""Generated programs answer, compiled, what CPython answers; `make fuzz N=...` runs more of them."""

from __future__ import annotations

import pytest

from tests.fuzz.compare import difference
from tests.fuzz.grammar import generate

PROGRAMS = 60
PER_TEST = 10


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, PROGRAMS, PER_TEST))
def test_generated_programs_answer_as_cpython_does(start: int) -> None:
    for seed in range(start, start + PER_TEST):
        assert difference(generate(seed)) is None, f"seed {seed}:\n{generate(seed)}"


def test_the_same_seed_gives_the_same_program() -> None:
    assert generate(7) == generate(7)
    assert generate(7) != generate(8)
