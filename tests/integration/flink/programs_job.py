"""One job of Flink for all programs of the corpus: each has places of its own, `<program>:<partition>`, in the partitions that all share.

Run with `python -m tests.integration.flink.programs_job BROKERS JOBMANAGER`, it submits the job and prints its id.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import stateflow
from stateflow.options import FlinkOptions, KafkaOptions
from stateflow.protocol.steps import read_outside
from stateflow.runtime.flink.operator import PlaceOperator, PlaceSelector, Records
from stateflow.runtime.flink.pyflink import FlinkRuntime
from tests.integration.flink.programs_client import ProgramPlacement
from tests.judge.corpus import PROGRAMS, Program, entity_classes

if TYPE_CHECKING:
    from stateflow.core.machine import Machine
    from stateflow.dataflow import Dataflow
    from stateflow.runtime.flink.loading import SubmittedClass

OPTIONS = KafkaOptions(application="programs")


class ProgramSelector(PlaceSelector):
    """Knows the partition of a program's place."""

    def partition(self, target: str) -> str:
        return target.rpartition(":")[2]


class ProgramOperator(PlaceOperator):
    """Has a machine for each program in each partition, over the same state."""

    def load(self, classes: tuple[SubmittedClass, ...]) -> Any:
        self._flows: dict[str, Dataflow] = {}
        return None

    def machine(self, partition: str, data: bytes) -> Machine:
        name = read_outside(data).target
        self._at_hand = program = name.rpartition(":")[0]
        known = self._machines.get(name)
        if known is None:
            flow = self._flow_of(program)
            return self.open_machine(flow, name, ProgramPlacement(program, self._partitions), PrefixedRecords(self.state, program))
        return known

    def _flow_of(self, program: str) -> Dataflow:
        if program not in self._flows:
            folder, _, name = program.partition("/")
            module = Program(PROGRAMS / folder / f"{name}.py").load()
            self._flows[program] = stateflow.init(*entity_classes(module))
        return self._flows[program]

    def partition(self, target: str) -> str:
        return target.rpartition(":")[2]

    def put(self, changes: dict[str, bytes | None], unsent: dict[str, bytes | None]) -> None:
        super().put({f"{self._at_hand}:{key}": data for key, data in changes.items()}, unsent)


class PrefixedRecords(Records):
    """The part of a partition's state that belongs to one program."""

    def __init__(self, state: Any, program: str) -> None:
        super().__init__(state)
        self._program = program

    def get(self, key: str) -> bytes | None:
        return super().get(f"{self._program}:{key}")


class ProgramsRuntime(FlinkRuntime):
    """Submits the job."""

    def signatures(self) -> dict[str, dict[str, str]]:
        # Each client has the classes of its own program.
        return {}

    def selector(self, keys: tuple[int, ...]) -> PlaceSelector:
        return ProgramSelector(keys)

    def operator(self, keys: tuple[int, ...], reply_partitions: int) -> PlaceOperator:
        return ProgramOperator((), keys, reply_partitions, 1 << 20)


@stateflow.entity
class Unused:
    """A runtime needs a dataflow; the programs bring their own."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __key__(self) -> str:
        return self.name


def main() -> None:
    """Submit the job."""
    brokers, jobmanager = sys.argv[1:]
    from tests.integration.flink import programs_job

    options = FlinkOptions(kafka=KafkaOptions(brokers=brokers, application="programs"), parallelism=2)
    print(programs_job.ProgramsRuntime(stateflow.init(programs_job.Unused), options=options).submit(jobmanager))


if __name__ == "__main__":
    main()
