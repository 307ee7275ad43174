"""What the suite needs of an engine, and the engines that run in this process."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from stateflow.runtime.local import LocalRuntime
from stateflow.runtime.simulation import Cluster
from stateflow.runtime.simulation.cluster import SimulatedClient

if TYPE_CHECKING:
    from pathlib import Path

    from stateflow.client.base import StateflowClient
    from stateflow.client.future import StateflowFuture
    from stateflow.core.placement import Placement
    from stateflow.dataflow import Dataflow

__all__ = ["Engine", "Placed", "Session", "Whole"]

_REPLY_S = 60


class Session(ABC):
    """An engine that runs some classes."""

    @abstractmethod
    def client(self, *, bind: bool = False) -> StateflowClient:
        """Return a new client."""

    @abstractmethod
    def wait(self, future: StateflowFuture[Any]) -> Any:
        """Return the value of a request, or raise its exception."""

    @abstractmethod
    def restart(self, flow: Dataflow | None = None) -> None:
        """Lose all that is only in memory, and go on, perhaps with other code; then nothing is under way.

        Clients from before are of no use afterwards; what they had no reply for may be sent again under the same id.
        """

    @abstractmethod
    def close(self) -> None:
        """End it."""


class Engine(ABC):
    """A kind of engine."""

    @abstractmethod
    def open(self, flow: Dataflow, folder: Path) -> Session:
        """Run classes; a folder is there for what is to be durable."""


class Whole(Engine):
    """The engine that holds every entity, over a file."""

    def open(self, flow: Dataflow, folder: Path) -> Session:
        return _WholeSession(flow, folder)


class _WholeSession(Session):
    def __init__(self, flow: Dataflow, folder: Path) -> None:
        self._flow, self._path = flow, folder / "engine.db"
        self._runtime = LocalRuntime(flow, path=self._path)

    def client(self, *, bind: bool = False) -> StateflowClient:
        return self._runtime.client(bind=bind)

    def wait(self, future: StateflowFuture[Any]) -> Any:
        return future.get(timeout=_REPLY_S)

    def restart(self, flow: Dataflow | None = None) -> None:
        self._runtime.close()
        self._flow = flow or self._flow
        self._runtime = LocalRuntime(self._flow, path=self._path)

    def close(self) -> None:
        self._runtime.close()


class Placed(Engine):
    """Places that talk by messages, in a simulated cluster.

    Args:
        placement: where entities live.
        suspends: pause at every suspension point.
    """

    def __init__(self, placement: Placement, *, suspends: bool = False) -> None:
        self._placement = placement
        self._suspends = suspends

    def open(self, flow: Dataflow, folder: Path) -> Session:
        return _PlacedSession(flow, self._placement, suspends=self._suspends)


class _PlacedSession(Session):
    def __init__(self, flow: Dataflow, placement: Placement, *, suspends: bool) -> None:
        self._cluster = Cluster(flow, placement, suspends=suspends)
        self._clients: list[SimulatedClient] = []

    def client(self, *, bind: bool = False) -> StateflowClient:
        client = self._cluster.client(bind=bind)
        self._clients.append(client)
        return client

    def wait(self, future: StateflowFuture[Any]) -> Any:
        self._cluster.run(future.done)
        return future.get()

    def restart(self, flow: Dataflow | None = None) -> None:
        if flow is not None:
            while self._cluster.deliver():
                pass
            self._cluster.flow = flow
        # Records and messages under way are what outlives a place.
        self._cluster.machines.clear()

    def close(self) -> None:
        for client in self._clients:
            client.close()
        while self._cluster.deliver():
            pass
        left = {name: machine.place.under_way() for name, machine in self._cluster.machines.items()}
        assert not any(left.values()), left
        assert not any(machine.dead_letters.all() for machine in self._cluster.machines.values())
