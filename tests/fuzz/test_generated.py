"""Generated programs answer, compiled, what CPython answers; `make fuzz N=...` runs more of them."""

from __future__ import annotations

import pytest

from tests.fuzz.compare import TooLong, difference
from tests.fuzz.grammar import generate, modules
from tests.fuzz.running import run_programs

PROGRAMS = 160
PER_TEST = 16


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, PROGRAMS, PER_TEST))
def test_generated_programs_answer_as_cpython_does(start: int) -> None:
    for seeds in modules(start, start + PER_TEST):
        source = generate(seeds.start, seeds.stop)
        assert difference(source) is None, f"{seeds}:\n{source}"


def test_the_same_seed_gives_the_same_program() -> None:
    assert generate(7) == generate(7)
    assert generate(7) != generate(8)


def test_a_program_is_the_same_beside_others() -> None:
    together = generate(8, 16)
    for seed in range(8, 16):
        alone = generate(seed)
        assert alone[alone.index("class Runner") : alone.index("def script")].strip() in together


def test_each_program_is_in_one_module() -> None:
    found = list(modules(5, 1000))
    assert [seed for seeds in found for seed in seeds] == list(range(5, 1000))
    assert {1, 8} <= {len(seeds) for seeds in found}


def test_programs_run_in_processes_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_programs(first=40, programs=3, jobs=1, stop_after=1) == (3, 0)
    assert "3 programs, 0 differences" in capsys.readouterr().out


ENDLESS = """
import stateflow

@stateflow.entity
class Box:
    def __key__(self):
        return 1

    def run(self):
        while True:
            try:
                sum(range(1000))
            except Exception:
                pass

def script(world):
    world.call(world.create(Box), "run")
"""


def test_a_program_that_never_ends_is_given_up_also_where_it_catches_every_exception() -> None:
    with pytest.raises(TooLong):
        difference(ENDLESS, 0.5)
