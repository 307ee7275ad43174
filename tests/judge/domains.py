"""Domains: which entity's code is running, and what happens where one entity's code touches another entity.

While `Domains.patched()` lasts, the classes of a program stay the plain classes they are, but their methods, attribute access
and calls go through here. Between two different entities values are copied; within one entity nothing is.
"""

from __future__ import annotations

import contextlib
import inspect
import sys
import types
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any, NoReturn

from tests.judge.copying import copy_graph

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.judge.population import Population

__all__ = ["Domains"]

_METHOD_KINDS = (types.FunctionType, staticmethod, classmethod)
_ABSENT = object()


def user_bases(classes: tuple[type, ...]) -> list[type]:
    """Return the classes and those of their bases that a user wrote."""
    found = {base: None for cls in classes for base in cls.__mro__ if base.__module__ not in ("builtins", "abc", "typing")}
    return list(found)


class Domains:
    """Watches the entity classes of one program.

    Args:
        classes: the entity classes.
        population: tells which entities are alive and checks their keys.
    """

    def __init__(self, classes: tuple[type, ...], population: Population) -> None:
        self.classes = classes
        self._population = population
        self._current: ContextVar[object] = ContextVar("current entity", default=None)
        self._undo: list[tuple[Any, str, Any]] = []

    def is_entity(self, value: object) -> bool:
        """Tell whether `value` is an entity of this program."""
        return type(value) in self.classes

    def is_foreign(self, value: object) -> bool:
        """Tell whether `value` is an entity other than the one whose code runs."""
        return type(value) in self.classes and value is not self._current.get()

    def copy(self, value: Any) -> Any:
        """Copy what passes between two entities."""
        return copy_graph(value, self.is_entity)

    @contextlib.contextmanager
    def inside(self, entity: object) -> Iterator[None]:
        """Run the body as code of `entity`."""
        token = self._current.set(entity)
        try:
            yield
        finally:
            self._current.reset(token)

    def cross(self, entity: object, act: Callable[[], Any]) -> Any:
        """Run `act` as code of `entity`; its result, or what it raises, leaves as a copy."""
        result, failure, handled = None, None, sys.exception()
        with self.inside(entity):
            try:
                result = act()
            except BaseException as error:
                failure = self._failure(error, handled)
        # Outside of the except clause: the copy must not get the original as its context.
        if failure is not None:
            self._raise(failure)
        return self.copy(result)

    def _failure(self, error: BaseException, handled: BaseException | None) -> BaseException:
        """Copy an exception; of its context, what the code that it goes to handles itself is not copied."""
        if handled is None or error is handled:
            return self.copy(error)  # type: ignore[no-any-return]
        last = error
        while last.__context__ is not None and last.__context__ is not handled:
            last = last.__context__
        if last.__context__ is None:
            return self.copy(error)  # type: ignore[no-any-return]
        last.__context__ = None
        twin: BaseException = self.copy(error)
        last.__context__ = handled
        last = twin
        while last.__context__ is not None:
            last = last.__context__
        last.__context__ = handled
        return twin

    @staticmethod
    def _raise(error: BaseException) -> NoReturn:
        """Raise an exception that has its context already."""
        context = error.__context__
        try:
            raise error
        finally:
            error.__context__ = context

    def call(self, function: Callable[..., Any], entity: object, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a method of an entity from the code of another one, or of a client."""
        args, kwargs = self.copy((args, kwargs))
        if inspect.iscoroutinefunction(function):
            return self._call_async(function(entity, *args, **kwargs), entity)
        self._population.require(entity)
        result = self.cross(entity, lambda: function(entity, *args, **kwargs))
        self._population.check_key(entity)
        return result

    async def _call_async(self, body: Any, entity: object) -> Any:
        result, failure, handled = None, None, sys.exception()
        with self.inside(entity), contextlib.closing(body):
            try:
                self._population.require(entity)
                result = await body
            except BaseException as error:
                failure = self._failure(error, handled)
        if failure is not None:
            self._raise(failure)
        self._population.check_key(entity)
        return self.copy(result)

    def read(self, entity: object, name: str) -> Any:
        """Read an attribute of an entity from the code of another one."""
        if isinstance(inspect.getattr_static(entity, name, None), _METHOD_KINDS):
            return object.__getattribute__(entity, name)  # a bound method; calling it is what reaches the entity
        self._population.require(entity)
        return self.cross(entity, lambda: object.__getattribute__(entity, name))

    def change(self, entity: object, act: Callable[[], Any]) -> None:
        """Write or delete an attribute of an entity from the code of another one."""
        self._population.require(entity)
        self.cross(entity, act)
        self._population.check_key(entity)

    def _shown(self, entity: object) -> str:
        """Return what a reference prints as, in place of an address; an entity is no reference to itself."""
        if not self.is_foreign(entity):
            return object.__repr__(entity)
        name, key = self._population.name(entity)
        return f"{name}({key!r})"

    # Patching.

    @contextlib.contextmanager
    def patched(self) -> Iterator[None]:
        """Watch the classes while the body runs, then leave them as they were."""
        try:
            for base in user_bases(self.classes):
                for name, item in list(vars(base).items()):
                    if isinstance(item, types.FunctionType):
                        self.replace(base, name, self._watched(item))
            for cls in self.classes:
                self._watch_attributes(cls)
            yield
        finally:
            while self._undo:
                self._restore(*self._undo.pop())

    def replace(self, target: Any, name: str, value: Any) -> None:
        """Set an attribute of a class or module until `patched` ends."""
        self._undo.append((target, name, vars(target).get(name, _ABSENT)))
        setattr(target, name, value)

    @staticmethod
    def _restore(target: Any, name: str, value: Any) -> None:
        if value is _ABSENT:
            delattr(target, name)
        else:
            setattr(target, name, value)

    def _watched(self, function: types.FunctionType) -> Callable[..., Any]:
        @wraps(function)
        def method(*args: Any, **kwargs: Any) -> Any:
            if args and self.is_foreign(args[0]):
                return self.call(function, args[0], args[1:], kwargs)
            return function(*args, **kwargs)

        return method

    def _watch_attributes(self, cls: type) -> None:
        def get(entity: object, name: str) -> Any:
            if name == "__class__" or not self.is_foreign(entity):
                return object.__getattribute__(entity, name)
            return self.read(entity, name)

        def set_(entity: object, name: str, value: Any) -> None:
            if self.is_foreign(entity):
                twin = self.copy(value)
                self.change(entity, lambda: object.__setattr__(entity, name, twin))
            else:
                object.__setattr__(entity, name, value)

        def delete(entity: object, name: str) -> None:
            if self.is_foreign(entity):
                self.change(entity, lambda: object.__delattr__(entity, name))
            else:
                object.__delattr__(entity, name)

        for name, accessor in (("__getattribute__", get), ("__setattr__", set_), ("__delattr__", delete)):
            if getattr(cls, name) is getattr(object, name) or getattr(cls, name).__module__ == __name__:
                self.replace(cls, name, accessor)
        if cls.__repr__ is object.__repr__:
            self.replace(cls, "__repr__", lambda entity: self._shown(entity))
        # A user's copy.deepcopy of a value stops at the entities in it.
        self.replace(cls, "__copy__", lambda entity: entity)
        self.replace(cls, "__deepcopy__", lambda entity, memo: entity)
