"""No method that is proved to be read-only changes an entity, in any program of the corpus and in generated ones."""

from __future__ import annotations

import pytest

from stateflow.dataflow import Dataflow
from tests.fuzz.compare import Generated
from tests.fuzz.grammar import generate
from tests.judge.corpus import Program, all_programs
from tests.judge.read_only import watch

GENERATED = 40
PROGRAMS = [pytest.param(program, id=program.name) for program in all_programs()]
# What is watched at least: a proof that proves nothing would break nothing.
CALLS_AT_LEAST = 100


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_method_that_is_proved_read_only_leaves_all_entities_as_they_were(program: Program) -> None:
    seen = watch(program, [])
    assert seen.broken == set()


@pytest.mark.slow
def test_proofs_hold_in_generated_programs() -> None:
    calls = 0
    for seed in range(GENERATED):
        program = Generated(generate(seed))
        try:
            seen = watch(program, [])
        finally:
            program.forget()
        assert seen.broken == set(), f"seed {seed}"
        calls += seen.calls
    assert calls > 0


def test_many_calls_of_read_only_methods_are_watched() -> None:
    assert sum(watch(program, []).calls for program in all_programs()[:40]) >= CALLS_AT_LEAST


def test_the_watch_sees_a_method_that_is_wrongly_taken_for_read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Dataflow, "is_read_only", lambda flow, cls, name: True)
    (program,) = [p for p in all_programs() if p.name == "loops/list_grows_while_iterated"]
    assert watch(program, []).broken
