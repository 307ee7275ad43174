"""A program's classes compiled by StateFlow and run over many places, with every message through bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import stateflow
from stateflow.errors import EntityNotFound
from stateflow.references import Reference
from stateflow.runtime.simulation import Cluster
from tests.judge.canonical import canonical_state
from tests.judge.compiled import own_key
from tests.judge.corpus import Program, entity_classes
from tests.judge.world import EntityName, Run, World

if TYPE_CHECKING:
    from types import ModuleType

    from stateflow.client.future import StateflowFuture
    from stateflow.core.placement import Placement

__all__ = ["PlacedWorld", "run_placed"]


class PlacedWorld(World):
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
        super().__init__()
        self.cluster = cluster(stateflow.init(*entity_classes(module), *others), placement, seed=seed, suspends=suspends)
        self._client = self.cluster.client("script", bind=True)

    def wait(self, future: StateflowFuture[Any]) -> Any:
        """Deliver until a request has ended; return its value or raise its exception."""
        return self._client.wait(future)

    def do_create(self, cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return self.wait(self._client.create(cls, *args, **kwargs))

    def do_call(self, entity: Any, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return self.wait(self._client.call(entity, method, *args, **kwargs))

    def do_get(self, entity: Any, name: str) -> Any:
        return self.wait(self._client.get(entity, name))

    def do_state(self, entity: Any) -> dict[str, Any]:
        state: dict[str, Any] = self.wait(self._client.state(entity))
        return state

    def do_delete(self, entity: Any) -> None:
        self.wait(self._client.delete(entity))

    def do_ref(self, cls: type, key: Any) -> Any:
        return self._client.ref(cls, key)

    def identify(self, value: object) -> tuple[str, object] | None:
        if issubclass(type(value), Reference):
            return (value._sf_class.__name__, value._sf_key)  # type: ignore[attr-defined]
        return None

    def finish(self, names: list[EntityName]) -> Run:
        for cls, key in names:
            try:
                state = canonical_state(self.do_state(self.do_ref(cls, key)), self.identify)
            except EntityNotFound:
                state = None
            self.run.states[f"{cls.__name__}({key!r})"] = state
        return self.run

    def close(self) -> None:
        self._client.close()


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
