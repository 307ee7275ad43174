"""A program's classes compiled by StateFlow and run on the local runtime."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import stateflow
from stateflow.errors import EntityNotFound
from stateflow.references import Reference
from stateflow.runtime.local import LocalRuntime
from tests.judge.canonical import canonical_state
from tests.judge.corpus import Program, entity_classes
from tests.judge.world import EntityName, Run, World

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["CompiledWorld", "Mode", "run_compiled"]

_TIMEOUT_S = 10


class Mode(enum.Enum):
    """How the local runtime carries out calls between entities."""

    INLINE = "inline"
    SUSPENDED = "suspended"


class CompiledWorld(World):
    """Runs root requests on a `LocalRuntime` of its own. Close it after use."""

    def __init__(self, module: ModuleType, mode: Mode) -> None:
        super().__init__()
        flow = stateflow.init(*entity_classes(module))
        self._runtime = LocalRuntime(flow, suspend_everywhere=mode is Mode.SUSPENDED)
        self._client = self._runtime.client()

    def do_create(self, cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return self._client.create(cls, *args, **kwargs).get(timeout=_TIMEOUT_S)

    def do_call(self, entity: Any, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return self._client.call(entity, method, *args, **kwargs).get(timeout=_TIMEOUT_S)

    def do_get(self, entity: Any, name: str) -> Any:
        return self._client.get(entity, name).get(timeout=_TIMEOUT_S)

    def do_state(self, entity: Any) -> dict[str, Any]:
        state: dict[str, Any] = self._client.state(entity).get(timeout=_TIMEOUT_S)
        return state

    def do_delete(self, entity: Any) -> None:
        self._client.delete(entity).get(timeout=_TIMEOUT_S)

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

    def close(self) -> None:
        """End the runtime."""
        self._runtime.close()


def _own_key(module: ModuleType, key: Any) -> Any:
    """Return a key of the judge's module as this module has it: each loading makes its enums anew."""
    if isinstance(key, tuple):
        return tuple(_own_key(module, part) for part in key)
    return getattr(module, type(key).__name__)[key.name] if isinstance(key, enum.Enum) else key


def run_compiled(program: Program, mode: Mode, known: list[tuple[str, Any]]) -> Run:
    """Run a program in its compiled form.

    Args:
        program: the program.
        mode: how calls between entities are carried out.
        known: class name and key of each entity whose final state is asked for, as `judge` answers them.
    """
    module = program.load()
    world = CompiledWorld(module, mode)
    try:
        module.script(world)
        return world.finish([(getattr(module, name), _own_key(module, key)) for name, key in known])
    finally:
        world.close()
