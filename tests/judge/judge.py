"""The judge: a program's own classes, run by CPython as plain objects.

It knows nothing of the compiler. It adds only what StateFlow declares to differ from plain Python: what passes between two
entities is copied, a root request that raises is undone, and entities are created, found and deleted by key.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from typing import TYPE_CHECKING, Any

import stateflow
from tests.judge.canonical import canonical_state
from tests.judge.copying import read_state
from tests.judge.corpus import Loadable, entity_classes
from tests.judge.domains import Domains
from tests.judge.population import Population
from tests.judge.world import Run, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

__all__ = ["JudgeWorld", "judge"]


class JudgeWorld(World):
    """Runs root requests on plain objects. Use it inside `patched()` only."""

    def __init__(self, module: ModuleType) -> None:
        super().__init__()
        self._module = module
        self._population = Population(self._key_of, lambda value: self._domains.is_entity(value))
        self._domains = Domains(entity_classes(module), self._population)

    # Root requests.

    def do_create(self, cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return self._root(lambda: cls(*args, **kwargs))

    def do_call(self, entity: Any, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return self._root(lambda: getattr(entity, method)(*args, **kwargs))

    def do_get(self, entity: Any, name: str) -> Any:
        return self._root(lambda: getattr(entity, name))

    def do_state(self, entity: Any) -> dict[str, Any]:
        self._population.require(entity)
        state: dict[str, Any] = self._domains.copy(read_state(entity))
        return state

    def do_delete(self, entity: Any) -> None:
        self._population.remove(entity)

    def do_ref(self, cls: type, key: Any) -> Any:
        return self._population.at(cls, key)

    def identify(self, value: object) -> tuple[str, object] | None:
        return self._population.name(value) if self._domains.is_entity(value) else None

    def _root(self, act: Callable[[], Any]) -> Any:
        restore = self._population.snapshot()
        try:
            result = act()
            return asyncio.run(result) if inspect.iscoroutine(result) else result
        except BaseException:
            restore()
            raise

    def finish(self) -> Run:
        """Add the final states to the run and return it."""
        for entity, (cls, _, key), is_alive in self._population.members():
            state = canonical_state(read_state(entity), self.identify) if is_alive else None
            self.run.states[f"{cls.__name__}({key!r})"] = state
        return self.run

    def known(self) -> list[tuple[type, Any]]:
        """Return class and key of every entity that was ever created or addressed."""
        return [(cls, key) for _, (cls, _, key), _ in self._population.members()]

    # What methods use.

    def _key_of(self, entity: Any) -> Any:
        with self._domains.inside(entity):
            return type(entity).__key__(entity)

    def _create(self, cls: Any, original_new: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        args, kwargs = self._domains.copy((args, kwargs))
        entity = object.__new__(cls) if original_new is object.__new__ else original_new(cls, *args, **kwargs)
        self._population.begin(entity)
        try:
            self._domains.cross(entity, lambda: cls.__init__(entity, *args, **kwargs))
            return self._population.add(entity)
        finally:
            self._population.end(entity)

    @contextlib.contextmanager
    def patched(self) -> Iterator[None]:
        """Let the program's classes, `by_key` and `stateflow.delete` mean this world while the body runs.

        The module is spent afterwards: a class whose `__new__` was replaced cannot be made quite as it was.
        """
        population, domains = self._population, self._domains
        original_delete = stateflow.delete

        def delete(entity: object) -> None:
            population.remove(entity)

        with domains.patched():
            domains.replace(stateflow, "delete", delete)
            for name in [name for name, value in vars(self._module).items() if value is original_delete]:
                domains.replace(self._module, name, delete)
            for cls in domains.classes:
                domains.replace(cls, "by_key", classmethod(lambda cls, key: population.at(cls, key)))
            # All originals are read before the first is replaced: a class may inherit from another entity class.
            for cls, new, init in [(cls, cls.__new__, cls.__init__) for cls in domains.classes]:  # type: ignore[misc]
                self._watch_creation(cls, new, init)
            yield

    def _watch_creation(self, cls: type, original_new: Callable[..., Any], original_init: Callable[..., Any]) -> None:
        """Let `cls(...)` create an entity: `__new__` does it all, and the `__init__` that `type.__call__` adds does nothing."""
        created: set[int] = set()

        def new(kind: type, *args: Any, **kwargs: Any) -> Any:
            if kind is not cls:
                return object.__new__(kind) if original_new is object.__new__ else original_new(kind, *args, **kwargs)
            entity = self._create(cls, original_new, args, kwargs)
            created.add(id(entity))
            return entity

        def init(entity: object, *args: Any, **kwargs: Any) -> None:
            if id(entity) in created:
                created.remove(id(entity))
            elif original_init is not object.__init__:
                original_init(entity, *args, **kwargs)
            elif args or kwargs:
                raise TypeError(f"{cls.__name__}() takes no arguments")

        self._domains.replace(cls, "__new__", staticmethod(new))
        self._domains.replace(cls, "__init__", init)


def judge(program: Loadable) -> tuple[Run, list[tuple[str, Any]]]:
    """Run a program as plain CPython objects.

    Returns:
        the run, and class name and key of every entity that was ever known, alive or not.
    """
    module = program.load()
    world = JudgeWorld(module)
    with world.patched():
        module.script(world)
        run = world.finish()
    return run, [(cls.__name__, key) for cls, key in world.known()]
