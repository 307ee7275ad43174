"""The programs of the corpus are worth running: each does something, and fails only where it says so."""

from __future__ import annotations

import ast

import pytest

from tests.judge.corpus import Program, all_programs
from tests.judge.judge import judge

PROGRAMS = [pytest.param(program, id=program.name) for program in all_programs()]


@pytest.mark.parametrize("program", PROGRAMS)
def test_program_does_something_and_fails_only_as_declared(program: Program) -> None:
    run, _ = judge(program)
    expected = set(getattr(program.load(), "EXPECTED_ERRORS", ()))
    raised = {outcome.error_name: outcome for outcome in run.outcomes if outcome.error_name}
    assert raised.keys() == expected, raised
    assert len(run.outcomes) >= 2


@pytest.mark.parametrize("program", PROGRAMS)
def test_program_says_what_it_promises(program: Program) -> None:
    promise = program.load().__doc__
    assert promise and promise.splitlines()[0].endswith(".")


def test_no_two_programs_are_the_same_code() -> None:
    seen: dict[str, str] = {}
    for program in all_programs():
        tree = ast.parse(program.path.read_text())
        code = ast.dump(ast.Module(tree.body[1:], []))
        assert code not in seen, f"{program.name} repeats {seen[code]}"
        seen[code] = program.name
