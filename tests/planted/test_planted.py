"""Each planted bug makes the program that is named for it differ from CPython, so that the tests of the corpus would fail."""

from __future__ import annotations

import pytest

from stateflow.compiler.pipeline import prelude_codes
from tests.judge.compiled import Mode, run_compiled
from tests.judge.corpus import PROGRAMS, Program
from tests.judge.judge import judge
from tests.planted import core_bugs, expression_bugs, pass_bugs, statement_bugs
from tests.planted.bug import Bug

BUGS = [*expression_bugs.BUGS, *statement_bugs.BUGS, *pass_bugs.BUGS, *core_bugs.BUGS]


@pytest.mark.parametrize("bug", [pytest.param(bug, id=bug.name) for bug in BUGS])
def test_planted_bug_is_noticed(bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    # Compiled once for the process; it must not be compiled with the bug.
    prelude_codes()
    program = Program(PROGRAMS / f"{bug.program}.py")
    expected, known = judge(program)
    sound = run_compiled(program, bug.mode, known)
    assert (sound.outcomes, sound.states) == (expected.outcomes, expected.states)
    bug.plant(monkeypatch)
    wrong = run_compiled(program, bug.mode, known)
    assert (wrong.outcomes, wrong.states) != (expected.outcomes, expected.states)


def test_bugs_have_names_of_their_own() -> None:
    names = [bug.name for bug in BUGS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("mode", Mode)
def test_some_bugs_are_noticed_in_each_mode(mode: Mode) -> None:
    assert any(bug.mode is mode for bug in BUGS)
