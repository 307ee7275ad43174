"""A program's classes compiled by StateFlow and run on the local runtime."""

from __future__ import annotations

import enum
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import stateflow
from stateflow.client.base import StateflowClient
from stateflow.client.future import StateflowFuture
from stateflow.client.waiting import executing
from stateflow.core.executor import Executor
from stateflow.errors import EntityNotFound
from stateflow.options import LocalOptions
from stateflow.references import Reference
from stateflow.runtime.local import LocalRuntime
from tests.judge.canonical import canonical_state
from tests.judge.corpus import Loadable, entity_classes
from tests.judge.world import EntityName, Run, World

if TYPE_CHECKING:
    from types import ModuleType

    from stateflow.dataflow import Dataflow
    from stateflow.protocol.messages import Request

__all__ = ["Compiled", "CompiledWorld", "Mode", "own_key", "run_compiled"]

_TIMEOUT_S = 10


class Mode(enum.Enum):
    """How the local runtime carries out calls between entities."""

    INLINE = "inline"
    SUSPENDED = "suspended"
    DURABLE = "durable"
    """Over a file, with no entity left in memory from one request to the next; the final states are those of the file opened again."""


class InThisThread(StateflowClient):
    """A client whose requests run while they are sent: thousands of small programs have no use for a thread each."""

    def __init__(self, flow: Dataflow, mode: Mode) -> None:
        self._executor = Executor(flow, suspend_everywhere=mode is Mode.SUSPENDED)
        super().__init__(flow)

    def send(self, request: Request) -> StateflowFuture[Any]:
        """Run a request to its end."""
        future: StateflowFuture[Any] = StateflowFuture(request.request_id)
        with executing():
            reply = self._executor.execute(request, self.references)
        if reply.error is not None:
            future.set_exception(reply.error)
        else:
            future.set_result(reply.value)
        return future


class CompiledWorld(World):
    """Runs root requests by a client."""

    def __init__(self, client: StateflowClient) -> None:
        super().__init__()
        self._client = client

    def wait(self, future: StateflowFuture[Any]) -> Any:
        """Return the value of a request, or raise its exception."""
        return future.get(timeout=_TIMEOUT_S)

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
        # Not by isinstance: a reference says that it is an instance of its entity class.
        if issubclass(type(value), Reference):
            return (value._sf_class.__name__, value._sf_key)  # type: ignore[attr-defined]
        return None

    def finish(self, names: list[EntityName]) -> Run:
        """Add the final states of the entities with these classes and keys to the run and return it."""
        for cls, key in names:
            try:
                state = canonical_state(self.do_state(self.do_ref(cls, key)), self.identify)
            except EntityNotFound:
                state = None
            self.run.states[f"{cls.__name__}({key!r})"] = state
        return self.run


def own_key(module: ModuleType, key: Any) -> Any:
    """Return a key of the judge's module as this module has it: each loading makes its enums anew."""
    if isinstance(key, tuple):
        return tuple(own_key(module, part) for part in key)
    return getattr(module, type(key).__name__)[key.name] if isinstance(key, enum.Enum) else key


class Compiled:
    """A program's module with its compiled classes, on which any number of runs can be made."""

    def __init__(self, program: Loadable) -> None:
        self.module = program.load()
        self.flow = stateflow.init(*entity_classes(self.module))

    def run(self, mode: Mode, known: list[tuple[str, Any]], *, in_this_thread: bool = False) -> Run:
        """Run the program on an engine of its own.

        Args:
            mode: how calls between entities are carried out.
            known: class name and key of each entity whose final state is asked for, as `judge` answers them.
            in_this_thread: run requests without the local runtime's own thread.
        """
        if in_this_thread:
            with InThisThread(self.flow, mode) as client:
                return self._run(client, known)
        if mode is Mode.DURABLE:
            with tempfile.TemporaryDirectory() as folder:
                return self._run_durably(Path(folder) / "program.db", known)
        with LocalRuntime(self.flow, suspend_everywhere=mode is Mode.SUSPENDED) as runtime, runtime.client() as client:
            return self._run(client, known)

    def _run_durably(self, path: Path, known: list[tuple[str, Any]]) -> Run:
        options = LocalOptions(cache_bytes=0)
        with LocalRuntime(self.flow, path=path, options=options) as runtime, runtime.client() as client:
            world = CompiledWorld(client)
            self.module.script(world)
        with LocalRuntime(self.flow, path=path, options=options) as runtime, runtime.client() as client:
            again = CompiledWorld(client)
            again.run = world.run
            return again.finish([(getattr(self.module, name), own_key(self.module, key)) for name, key in known])

    def _run(self, client: StateflowClient, known: list[tuple[str, Any]]) -> Run:
        world = CompiledWorld(client)
        self.module.script(world)
        return world.finish([(getattr(self.module, name), own_key(self.module, key)) for name, key in known])


def run_compiled(program: Loadable, mode: Mode, known: list[tuple[str, Any]]) -> Run:
    """Compile a program and run it once; see `Compiled.run`."""
    return Compiled(program).run(mode, known)
