"""A program's classes compiled by StateFlow and run over many places, with every message through bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import stateflow
from stateflow.runtime.simulation import Cluster
from tests.judge.compiled import CompiledWorld, own_key
from tests.judge.corpus import Program, entity_classes
from tests.judge.world import Run

if TYPE_CHECKING:
    from types import ModuleType

    from stateflow.client.future import StateflowFuture
    from stateflow.core.placement import Placement
    from stateflow.dataflow import Dataflow

__all__ = ["LightCluster", "PlacedWorld", "RecordingCluster", "run_placed"]


class RecordingCluster(Cluster):
    """A cluster that keeps all envelopes.

    Attributes:
        envelopes: source, target and bytes of each.
    """

    envelopes: list[tuple[str, str, bytes]]

    @staticmethod
    def of(envelopes: list[tuple[str, str, bytes]], *, renews: bool) -> type[RecordingCluster]:
        """Return the class of clusters that put their envelopes into a list.

        Args:
            envelopes: the list.
            renews: make each place anew from its records before each envelope.
        """
        return type("ListingCluster", (RecordingCluster,), {"envelopes": envelopes, "renews": renews})

    def transmit(self, source: str, target: str, data: bytes) -> None:
        self.envelopes.append((source, target, data))
        super().transmit(source, target, data)


class PlacedWorld(CompiledWorld):
    """Runs root requests on a simulated cluster.

    Args:
        module: the program.
        placement: where its entities live.
        seed: decides the order of deliveries.
        suspends: pause at every suspension point.
        cluster: makes the cluster.
        others: entity classes that are no part of the program.
    """

    def __init__(
        self,
        module: ModuleType,
        placement: Placement,
        *,
        seed: int,
        suspends: bool,
        cluster: type[Cluster] = Cluster,
        others: tuple[type, ...] = (),
    ) -> None:
        self.cluster = cluster(stateflow.init(*entity_classes(module), *others), placement, seed=seed, suspends=suspends)
        self._script = self.cluster.client("script", bind=True)
        super().__init__(self._script)

    def wait(self, future: StateflowFuture[Any]) -> Any:
        """Deliver until a request has ended; return its value or raise its exception."""
        return self._script.wait(future)

    def close(self) -> None:
        self._script.close()


class LightCluster(Cluster):
    """A cluster whose transactions leave behind whatever they can."""

    def __init__(self, flow: Dataflow, placement: Placement, *, seed: int, suspends: bool) -> None:
        super().__init__(flow, placement, seed=seed, suspends=suspends, options={"park_bytes": 0, "write_back_bytes": -1})


def run_placed(
    program: Program,
    placement: Placement,
    known: list[tuple[str, Any]],
    *,
    seed: int = 0,
    suspends: bool = False,
    cluster: type[Cluster] = Cluster,
) -> Run:
    """Run a program over places."""
    module = program.load()
    world = PlacedWorld(module, placement, seed=seed, suspends=suspends, cluster=cluster)
    try:
        module.script(world)
        return world.finish([(getattr(module, name), own_key(module, key)) for name, key in known])
    finally:
        world.close()
