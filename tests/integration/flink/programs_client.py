"""The client of one program among many in one job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateflow.client.kafka_client import StateflowKafkaClient
from stateflow.core.placement import PartitionPlacement

if TYPE_CHECKING:
    from stateflow.dataflow import Dataflow
    from stateflow.options import KafkaOptions

__all__ = ["ProgramClient", "ProgramPlacement"]


class ProgramPlacement(PartitionPlacement):
    """The places of one program: those of the partitions, with the program's name before them."""

    def __init__(self, program: str, count: int) -> None:
        super().__init__(count)
        self.names = tuple(f"{program}:{name}" for name in self.names)
        self._known = frozenset(self.names)


class ProgramClient(StateflowKafkaClient):
    """A client of one program."""

    def __init__(self, program: str, flow: Dataflow, options: KafkaOptions) -> None:
        self._program = program
        super().__init__(flow, options=options)

    def placement(self, partitions: int) -> PartitionPlacement:
        return ProgramPlacement(self._program, partitions)
