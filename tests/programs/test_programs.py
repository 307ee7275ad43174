"""Each program of the corpus answers, compiled, what CPython answers."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest

from tests.judge.compiled import Mode, run_compiled
from tests.judge.corpus import Program, all_programs
from tests.judge.judge import judge
from tests.judge.world import Run

PROGRAMS = [pytest.param(program, id=program.name) for program in all_programs()]
# `tests/conformance` runs them inline.
MODES = [pytest.param(mode, id=mode.value) for mode in Mode if mode is not Mode.INLINE]


@lru_cache(maxsize=None)
def judged(program: Program) -> tuple[Run, list[tuple[str, Any]]]:
    return judge(program)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("program", PROGRAMS)
def test_compiled_program_answers_as_cpython_does(program: Program, mode: Mode) -> None:
    expected, known = judged(program)
    actual = run_compiled(program, mode, known)
    assert actual.outcomes == expected.outcomes
    assert actual.states == expected.states
