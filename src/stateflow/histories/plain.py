"""The world of plain Python objects: the classes of a workload as CPython runs them, one request after the other."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

from stateflow.entity import bind, unbind
from stateflow.errors import EntityAlreadyExists, EntityNotFound
from stateflow.histories.plan import Ask, Target, resolve
from stateflow.protocol.messages import Operation

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

__all__ = ["PlainReference", "PlainWorld"]


class PlainReference:
    """An entity by its name, which may not exist: every attribute is that of the object which has the name now."""

    __slots__ = ("_target", "_world")

    def __init__(self, world: PlainWorld, target: Target) -> None:
        self._world = world
        self._target = target

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return self._target.cls

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world.find(self._target), name)

    def __repr__(self) -> str:
        return f"{self._target.cls.__name__}({self._target.key!r})"


class PlainWorld:
    """Objects by class and key. While it is entered, the classes create and address its objects.

    The methods of the workload's classes neither change nor keep their arguments, and an attribute is an atom, a reference, or a list or
    dict of atoms: so no copies are needed between entities, and shallow ones to undo a request.
    """

    def __init__(self, classes: Iterable[type]) -> None:
        self.objects: dict[Target, Any] = {}
        self._classes = tuple(classes)
        self._loop: asyncio.AbstractEventLoop | None = None

    def __enter__(self) -> Self:
        for cls in self._classes:
            bind(cls, self._create, self.refer, self._delete)
        return self

    def __exit__(self, *_: object) -> None:
        for cls in self._classes:
            unbind(cls)
        if self._loop is not None:
            self._loop.close()

    def refer(self, cls: type, key: Any) -> PlainReference:
        """Return the reference to an entity."""
        return PlainReference(self, Target(cls, key))

    def find(self, target: Target) -> Any:
        """Return the object.

        Raises:
            EntityNotFound: it does not exist.
        """
        if target not in self.objects:
            raise EntityNotFound(target.cls.__name__, target.key)
        return self.objects[target]

    def carry_out(self, ask: Ask) -> tuple[Any, BaseException | None]:
        """Run a request to its end; return its value, or its exception, after which all is as before."""
        before = {target: (found, _copy_state(found)) for target, found in self.objects.items()}
        try:
            return self._run(ask), None
        except Exception as error:
            self.objects = {target: found for target, (found, _) in before.items()}
            for found, state in before.values():
                found.__dict__ = state
            return None, error

    def state(self, target: Target) -> dict[str, Any] | None:
        """Return the attributes of an entity; None when it does not exist."""
        found = self.objects.get(target)
        return None if found is None else dict(found.__dict__)

    def _run(self, ask: Ask) -> Any:
        args = resolve(ask.args, self.refer)
        if ask.operation is Operation.CREATE:
            return self._create(ask.target.cls, *args)
        value = getattr(self.find(ask.target), ask.method)(*args)
        if not inspect.iscoroutine(value):
            return value
        self._loop = self._loop or asyncio.new_event_loop()
        return self._loop.run_until_complete(value)

    def _create(self, cls: type, *args: Any) -> PlainReference:
        made: Any = object.__new__(cls)
        made.__init__(*args)
        target = Target(cls, made.__key__())
        if target in self.objects:
            raise EntityAlreadyExists(cls.__name__, target.key)
        self.objects[target] = made
        return self.refer(*target)

    def _delete(self, reference: PlainReference) -> None:
        self.find(reference._target)
        del self.objects[reference._target]


def _copy_state(found: Any) -> dict[str, Any]:
    return {name: value.copy() if type(value) in (list, dict) else value for name, value in found.__dict__.items()}
