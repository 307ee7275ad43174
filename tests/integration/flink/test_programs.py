"""Every program of the corpus answers on a real Flink what CPython answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import stateflow
from stateflow.options import KafkaOptions
from tests.integration.flink.programs_client import ProgramClient
from tests.judge.compiled import CompiledWorld, own_key
from tests.judge.corpus import Program, all_programs, entity_classes
from tests.programs.test_programs import judged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from stateflow.client.future import StateflowFuture
    from tests.integration.flink.engines import Engines
    from tests.judge.world import Outcome

pytestmark = [pytest.mark.slow, pytest.mark.process, pytest.mark.xdist_group("flink"), pytest.mark.timeout(300)]
PROGRAMS = [pytest.param(program, id=program.name) for program in all_programs()]


@pytest.fixture(scope="module")
def options(engines: Engines) -> Iterator[KafkaOptions]:
    """Where the job of all programs runs, on four partitions and in two parallel parts."""
    engines.submit("tests.integration.flink.programs_job")
    yield KafkaOptions(brokers=engines.kafka.address, application="programs", reply_timeout_s=90)
    engines.end_jobs()


class FlinkWorld(CompiledWorld):
    """Runs root requests on Flink."""

    def wait(self, future: StateflowFuture[Any]) -> Any:
        return future.get()


def without_text(outcomes: list[Outcome]) -> list[Outcome]:
    """Leave out what methods printed: workers print into logs of their own."""
    return [replace(outcome, printed="") for outcome in outcomes]


@pytest.mark.parametrize("program", PROGRAMS)
def test_program_answers_on_flink_as_cpython_does(program: Program, options: KafkaOptions) -> None:
    expected, known = judged(program)
    module = program.load()
    flow = stateflow.init(*entity_classes(module))
    with ProgramClient(program.name, flow, options) as client:
        world = FlinkWorld(client)
        module.script(world)
        actual = world.finish([(getattr(module, name), own_key(module, key)) for name, key in known])
    assert without_text(actual.outcomes) == without_text(expected.outcomes)
    assert actual.states == expected.states
