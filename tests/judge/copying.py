"""Copying of what passes between two entities. Entities themselves are never copied."""

from __future__ import annotations

import copyreg
import enum
import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["copy_graph", "read_state", "write_state"]

_ATOMIC = (
    type(None), type(Ellipsis), type(NotImplemented), bool, int, float, complex, str, bytes, range, slice, type,
    types.FunctionType, types.BuiltinFunctionType, types.ModuleType, types.TracebackType, types.CodeType, types.CellType,
)  # fmt: skip


def _is_sentinel(value: Any) -> bool:
    """Tell whether a module holds an object without attributes, which is known by being that very object: it is no value to copy."""
    if getattr(value, "__dict__", None) != {}:
        return False
    functions = (f for f in vars(type(value)).values() if isinstance(f, types.FunctionType))
    names = next((f.__globals__ for f in functions), vars(sys.modules.get(type(value).__module__, types)))
    return any(held is value for held in names.values())


class _GraphCopy:
    """Copies one object graph; two names for one object stay two names for one object."""

    def __init__(self, is_entity: Callable[[object], bool]) -> None:
        self._is_entity = is_entity
        self._memo: dict[int, Any] = {}
        # An id is only meaningful while its object lives.
        self._originals: list[Any] = []

    def copy(self, value: Any) -> Any:
        kind = type(value)
        if kind in _ATOMIC or issubclass(kind, (type, enum.Enum)) or self._is_entity(value) or _is_sentinel(value):
            return value
        if id(value) in self._memo:
            return self._memo[id(value)]
        if kind in (tuple, frozenset):
            return self._immutable(kind, value)
        if issubclass(kind, BaseException):
            return self._exception(value)
        if kind is types.MethodType:
            return self._keep(value, types.MethodType(value.__func__, self.copy(value.__self__)))
        return self._mutable(kind, value)

    def _keep(self, value: Any, twin: Any) -> Any:
        self._originals.append(value)
        self._memo[id(value)] = twin
        return twin

    def _immutable(self, kind: Any, value: Iterable[Any]) -> Any:
        parts = [self.copy(part) for part in value]
        if id(value) in self._memo:  # the value was reached again through one of its parts
            return self._memo[id(value)]
        return self._keep(value, kind(parts))

    def _mutable(self, kind: type, value: Any) -> Any:
        if kind is list:
            items = self._keep(value, [])
            items.extend(self.copy(item) for item in value)
            return items
        if kind is dict:
            table = self._keep(value, {})
            for key, item in value.items():
                table[self.copy(key)] = self.copy(item)
            return table
        if kind is set:
            members = self._keep(value, set())
            members.update(self.copy(item) for item in value)
            return members
        return self._object(kind, value)

    def _object(self, kind: type, value: Any) -> Any:
        reducer = copyreg.dispatch_table.get(kind)
        parts = reducer(value) if reducer else value.__reduce_ex__(4)
        if isinstance(parts, str):
            return value
        build, args, state, items, pairs = (*parts, None, None, None)[:5]
        twin = self._keep(value, build(*(self.copy(arg) for arg in args)))
        if state is not None:
            self._set_state(twin, self._through(state))
        for item in items or ():
            twin.append(self.copy(item))
        for key, item in pairs or ():
            twin[self.copy(key)] = self.copy(item)
        return twin

    def _through(self, temporary: Any) -> Any:
        self._originals.append(temporary)
        return self.copy(temporary)

    @staticmethod
    def _set_state(twin: Any, state: Any) -> None:
        if hasattr(twin, "__setstate__"):
            twin.__setstate__(state)
            return
        fields, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, None)
        if fields:
            twin.__dict__.update(fields)
        for name, item in (slots or {}).items():
            object.__setattr__(twin, name, item)

    def _exception(self, error: BaseException) -> BaseException:
        kind = type(error)
        args = self.copy(error.args)
        twin: BaseException = self._keep(error, kind.__new__(kind, *args))
        if not isinstance(kind.__init__, types.FunctionType):
            kind.__init__(twin, *args)  # built-in ones set their fields there, such as StopIteration.value
        twin.args = args
        twin.__dict__.update(self._through(vars(error)))
        twin.__cause__ = self.copy(error.__cause__)
        twin.__context__ = self.copy(error.__context__)
        twin.__suppress_context__ = error.__suppress_context__
        return twin


def copy_graph(value: Any, is_entity: Callable[[object], bool]) -> Any:
    """Return a deep copy of `value` that shares nothing mutable with it but the entities, for which `is_entity` holds."""
    return _GraphCopy(is_entity).copy(value)


def _slots(entity: object) -> dict[str, Any]:
    return {name: item for base in type(entity).__mro__ for name, item in vars(base).items() if type(item) is types.MemberDescriptorType}


def _fields(entity: object) -> dict[str, Any]:
    try:
        fields: dict[str, Any] = object.__getattribute__(entity, "__dict__")
    except AttributeError:
        return {}
    return fields


def read_state(entity: object) -> dict[str, Any]:
    """Return all attributes of an object, those in slots too. The values are the object's own."""
    state = dict(_fields(entity))
    for name, slot in _slots(entity).items():
        try:
            state[name] = slot.__get__(entity)
        except AttributeError:
            continue
    return state


def write_state(entity: object, state: dict[str, Any]) -> None:
    """Give an object exactly these attributes."""
    slots = _slots(entity)
    for name in read_state(entity).keys() & slots.keys():
        slots[name].__delete__(entity)
    _fields(entity).clear()
    for name, value in state.items():
        if name in slots:
            slots[name].__set__(entity, value)
        else:
            _fields(entity)[name] = value
