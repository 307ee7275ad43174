"""A program answers the same whichever of the optional passes run."""

from __future__ import annotations

import pytest

from stateflow.compiler import passes
from stateflow.compiler.passes.number_blocks import number_blocks
from stateflow.compiler.passes.remove_unreachable import remove_unreachable
from stateflow.compiler.pipeline import prelude_codes
from tests.judge.compiled import Mode, run_compiled
from tests.judge.corpus import PROGRAMS, Program
from tests.judge.judge import judge

NEEDED = (remove_unreachable, number_blocks)
NAMES = (
    "context/several_items_unwind_in_reverse",
    "control/local_operand_changed_by_a_walrus",
    "control/operands_before_the_call_are_kept",
    "exceptions/finally_runs_on_every_way_out",
    "exceptions/nested_try_in_handlers",
    "loops/nested_loops_with_else",
    "matching/remote_subject_and_guard",
    "mixed/many_live_variables",
    "values/augmented_assignment_targets",
)
CHOICES = {"none": NEEDED} | {
    f"without {left_out.__name__}": tuple(run for run in passes.PASSES if run is not left_out)
    for left_out in dict.fromkeys(passes.PASSES)
    if left_out not in NEEDED
}


@pytest.mark.parametrize("name", NAMES)
def test_program_answers_the_same_without_a_pass(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    prelude_codes()
    program = Program(PROGRAMS / f"{name}.py")
    expected, known = judge(program)
    for choice, chosen in CHOICES.items():
        monkeypatch.setattr(passes, "PASSES", chosen)
        actual = run_compiled(program, Mode.SUSPENDED, known)
        assert (actual.outcomes, actual.states) == (expected.outcomes, expected.states), choice
