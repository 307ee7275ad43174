"""Each program of the corpus answers what CPython answers, whatever happens between its calls; `tests/conformance` runs it on each engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stateflow.core.placement import EntityPlacement, PartitionPlacement
from tests.judge.corpus import Program, all_programs
from tests.judge.fresh import FreshCluster, Server
from tests.judge.mixed import run_mixed
from tests.judge.placed import LightCluster, RecordingCluster, run_placed
from tests.programs.test_programs import judged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PROGRAMS = [pytest.param(program, id=program.name) for program in all_programs()]
ADDRESSES = ("entities/attributes_of_an_entity_by_builtins",)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


def _share(programs: list[Any]) -> list[Any]:
    """Mark all but each tenth as slow."""
    return [param if number % 10 == 0 else pytest.param(*param.values, id=param.id, marks=pytest.mark.slow) for number, param in enumerate(programs)]


@pytest.mark.parametrize("program", _share(PROGRAMS))
def test_program_answers_as_cpython_does_when_each_place_is_made_anew_before_each_message(program: Program) -> None:
    expected, known = judged(program)
    suspends = len(program.name) % 2 == 0
    envelopes: dict[bool, list[tuple[str, str, bytes]]] = {True: [], False: []}
    for renews, listed in envelopes.items():
        cluster = RecordingCluster.of(listed, renews=renews)
        actual = run_placed(program, PartitionPlacement(4), known, suspends=suspends, cluster=cluster)
        assert actual.outcomes == expected.outcomes
        assert actual.states == expected.states
    # The address that object's own repr shows is another one in each process.
    assert program.name in ADDRESSES or envelopes[True] == envelopes[False], "a place that was made anew sent other bytes"


@pytest.mark.parametrize("program", _share(PROGRAMS))
def test_program_answers_as_cpython_does_when_frames_and_states_are_left_behind_at_each_move(program: Program) -> None:
    expected, known = judged(program)
    actual = run_placed(program, EntityPlacement(), known, cluster=LightCluster)
    assert actual.outcomes == expected.outcomes
    assert actual.states == expected.states


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.parametrize("program", PROGRAMS)
def test_program_answers_as_cpython_does_when_each_call_resumes_in_a_fresh_process(program: Program, server: Server) -> None:
    expected, known = judged(program)
    cluster = FreshCluster.of(server, program.path)
    actual = run_placed(program, EntityPlacement(), known, suspends=True, cluster=cluster)
    assert actual.outcomes == expected.outcomes
    assert actual.states == expected.states


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS)
def test_program_answers_as_cpython_does_when_calls_are_delayed_and_mixed(program: Program, tmp_path: Path) -> None:
    expected, known = judged(program)
    actual, reads = run_mixed(program, expected, known, tmp_path, seed=len(program.name))
    assert actual.outcomes == expected.outcomes
    assert actual.states == expected.states
    assert reads > 0 or not known
