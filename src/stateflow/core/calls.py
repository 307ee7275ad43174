"""Calls: of compiled functions, of other entities' methods, of Python's own functions over what may suspend."""

from __future__ import annotations

import functools
import types
from typing import Any, Final, cast

from stateflow.core import prelude_table
from stateflow.core.boundaries import CallBoundary
from stateflow.core.containment import GETTERS, form_of_method, may_suspend
from stateflow.core.creation import Creation
from stateflow.core.domains import KeyNotAtHand
from stateflow.core.frame import Code
from stateflow.core.lazy import Coroutine, Generator, RemoteMethod
from stateflow.core.native_classes import mypyc_attr
from stateflow.core.prelude_native import OPERATIONS
from stateflow.core.store import Record
from stateflow.dataflow.members import Member
from stateflow.entity import _by_key, delete
from stateflow.errors import NotRepeatable
from stateflow.limits import NATIVE_CALL_DEPTH
from stateflow.protocol.deque_iterator import ITERATING, reversed_of, storable
from stateflow.protocol.values import ATOMS
from stateflow.references import Reference

__all__ = ["Calls"]

_are_atoms: Final = ATOMS.issuperset


@mypyc_attr(allow_interpreted_subclasses=True)
class Calls(Creation):
    """The part of a transaction that calls functions."""

    def call(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call whatever a variable, an attribute or an expression holds."""
        kind = type(function)
        if kind is types.FunctionType:
            code = self.codes.get(function.__code__)
            if args and isinstance(args[0], Reference) and function in self.flow.entity_functions:
                return self.call_function(args[0], function, args[1:], kwargs)
            if code is not None:
                return self.enter(code, function, args, kwargs)
            if function is delete:
                return self.delete(*args, **kwargs)
            if function in OPERATIONS:
                return getattr(self, OPERATIONS[function])(*args)
            replaced = prelude_table.name_of(function)
            return self._call_prelude(replaced, function, args, kwargs) if replaced else function(*args, **kwargs)
        if kind is types.MethodType:
            return self._call_bound(function, args, kwargs)
        if kind is RemoteMethod:
            return self.call_remote(function.reference, function.method, args, kwargs)
        if isinstance(function, Reference):
            return self.call_remote(function, "__call__", args, kwargs)
        if isinstance(function, type):
            return self._call_class(function, args, kwargs)
        if kind is functools.partial:
            return self.call(function.func, *function.args, *args, **{**function.keywords, **kwargs})
        if kind is types.BuiltinFunctionType:
            return self._call_builtin(function, args, kwargs)
        if kind is types.WrapperDescriptorType and args and isinstance(args[0], Reference) and function.__objclass__ is object:
            # Such as object.__setattr__: it means the entity itself, whatever its class defines.
            return self.call_of_object(args[0], function.__name__, args[1:])
        if kind in GETTERS and self._needs_prelude(args):
            return self.call(prelude_table.function(GETTERS[kind]), function, *args)
        own = getattr(kind, "__call__", None)  # noqa: B004 - the function is wanted, not whether there is one
        if type(own) is types.FunctionType and own.__code__ in self.codes:
            return self.enter(self.codes[own.__code__], own, (function, *args), kwargs)
        return function(*args, **kwargs)

    def _call_bound(self, method: types.MethodType, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        function = method.__func__
        if function is _by_key:
            return self.by_key(method.__self__, *args, **kwargs)
        code = self.codes.get(function.__code__) if type(function) is types.FunctionType else None
        if code is None:
            replaced = prelude_table.METHODS.get(function) if type(function) is types.FunctionType else None
            if replaced is not None and self._needs_prelude(args):
                return self.call(prelude_table.function(replaced), method.__self__, *args, **kwargs)
            return method(*args, **kwargs)
        return self.enter(code, cast("types.FunctionType", function), (method.__self__, *args), kwargs)

    def _call_class(self, cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if cls in self.flow.reference_types:
            return self.create(cls, args, kwargs)
        replaced = prelude_table.CLASSES.get(cls)
        if replaced is not None:
            return self._call_prelude(replaced, cls, args, kwargs)
        init = cls.__init__  # type: ignore[misc]
        if type(init) is types.FunctionType and init.__code__ in self.codes:
            return self.call(prelude_table.function("construct"), cls, *args, **kwargs)
        if cls in self.flow.resumable_post_inits:
            return self.call(prelude_table.function("construct_dataclass"), cls, *args, **kwargs)
        return cls(*args, **kwargs)

    def _call_builtin(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        replaced = prelude_table.name_of(function)
        if replaced is not None:
            return self._call_prelude(replaced, function, args, kwargs)
        form = form_of_method(function, args, kwargs, self.flow.value_dunders)
        if form is None:
            return function(*args, **kwargs)
        return self.call(prelude_table.function(form), function if form == "with_lists" else function.__self__, *args, **kwargs)

    def _call_prelude(self, name: str, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call the compiled form of one of Python's own functions when an argument needs it."""
        if name in prelude_table.ALWAYS or self._needs_prelude((*args, *kwargs.values())):
            return self.call(prelude_table.function(name), *args, **kwargs)
        if function is reversed and len(args) == 1 and not kwargs:
            return reversed_of(*args)
        return storable(function)(*args, **kwargs) if function in ITERATING else function(*args, **kwargs)

    def _needs_prelude(self, arguments: tuple[Any, ...]) -> bool:
        special, has_dunders = self.flow.value_dunders, self.flow.entity_dunders
        return any(may_suspend(value, special, has_dunders=has_dunders) for value in arguments)

    def call_method(self, owner: Any, name: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call `owner.name(...)`."""
        if isinstance(owner, Reference):
            if self.suspends:
                return self.suspend("call", owner, name, args, kwargs)
            return self.perform_call(owner, name, args, kwargs)
        if type(owner) is Generator and name in prelude_table.GENERATOR_METHODS:
            return self.call(prelude_table.function(prelude_table.GENERATOR_METHODS[name]), owner, *args, **kwargs)
        return self.call(getattr(owner, name), *args, **kwargs)

    def call_remote(self, reference: Reference, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a method of another entity."""
        if self.suspends:
            return self.suspend("call", reference, name, args, kwargs)
        return self.perform_call(reference, name, args, kwargs)

    def perform_call(self, reference: Reference, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a method of another entity, in its domain."""
        members, named = self.flow.members, (reference._sf_class, name)
        member = members.get(named) or members[named]
        if not member.is_ordinary:
            return self._perform_special_call(reference, name, member, args, kwargs)
        is_read_only = member.is_read_only
        if is_read_only is None:
            is_read_only = self.flow.is_read_only(reference._sf_class, name)
        record = self.visit(reference) if is_read_only else self.reach(reference)
        if record is None:
            return self.suspend("call", reference, name, args, kwargs)
        try:
            if not _are_atoms(map(type, args)) or (kwargs and not _are_atoms(map(type, kwargs.values()))):
                args, kwargs = self.codec.carry_arguments(args, kwargs, record, f"{record.cls.__name__}.{name}")
        except KeyNotAtHand as missing:
            return self.suspend("with_key", missing.record, "call", (reference, name, args, kwargs))
        if member.code is None:
            return self.run_plain(record, member.function, args, kwargs)
        return self.within(CallBoundary, record, member.code, member.function, (record.instance, *args), kwargs)

    def perform_given_call(self, reference: Reference, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a method for a client whose arguments were copied as the entity itself sees them."""
        member = self.flow.members[reference._sf_class, name]
        record = self.reach(reference) if member.is_ordinary else None
        if record is None:
            return self.perform_call(reference, name, args, kwargs)
        return self.within(CallBoundary, record, member.code, member.function, (record.instance, *args), kwargs)

    def _perform_special_call(self, reference: Reference, name: str, member: Member, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call what belongs to the class or waits to be awaited, what is no function of the user, what is no method."""
        function = member.function
        if function is not None and (member.is_static or member.is_class):
            # It belongs to the class: no entity is reached, and none need exist.
            given = (reference._sf_class, *args) if member.is_class else args
            return self.enter(member.code, function, given, kwargs) if member.code else function(*given, **kwargs)
        if member.is_method and member.code is not None and member.code.is_async:
            return self.call_later(reference, member.code, function, args, kwargs)
        record = self.reach(reference)
        if record is None:
            return self.suspend("call", reference, name, args, kwargs)
        if member.is_method:
            return self._call_other_method(record, name, args, kwargs)
        return self.call(prelude_table.function("call_attribute"), reference, name, args, kwargs)

    def perform_call_existing(self, reference: Reference, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a method of a class for a client: the entity that it names must exist all the same."""
        if self.reach(reference) is None:
            return self.suspend("call_existing", reference, name, args, kwargs)
        return self.perform_call(reference, name, args, kwargs)

    def _call_other_method(self, record: Record, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call what a class has instead of a function of the user: `object.__setattr__`, a partial method, a callable object."""
        args, kwargs = self.codec.carry((args, kwargs), record, f"{record.cls.__name__}.{name}")
        return self.within(CallBoundary, record, None, self.call, (getattr(record.instance, name), *args), kwargs)

    def call_of_object(self, reference: Reference, name: str, args: tuple[Any, ...]) -> Any:
        """Call a method of `object` on another entity, in its domain, whatever its class has instead."""
        if self.suspends:
            return self.suspend("call_of_object", reference, name, args)
        return self.perform_call_of_object(reference, name, args)

    def perform_call_of_object(self, reference: Reference, name: str, args: tuple[Any, ...]) -> Any:
        """Carry out `call_of_object` where the entity is."""
        record = self.reach(reference)
        if record is None:
            return self.suspend("call_of_object", reference, name, args)
        try:
            args = self.codec.carry(args, record, f"object.{name}")
        except KeyNotAtHand as missing:
            return self.suspend("with_key", missing.record, "call_of_object", (reference, name, args))
        return self.within(CallBoundary, record, None, getattr(object, name), (record.instance, *args), {})

    def call_function(self, reference: Reference, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a given function of its class on another entity, as in `Base.method(entity)`."""
        if self.suspends:
            return self.suspend("call_function", reference, function, args, kwargs)
        return self.perform_call_function(reference, function, args, kwargs)

    def perform_call_function(self, reference: Reference, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a given function on another entity, in its domain."""
        code = self.codes.get(function.__code__)
        if code is not None and code.is_async:
            return self.call_later(reference, code, function, args, kwargs)
        record = self.reach(reference)
        if record is None:
            return self.suspend("call_function", reference, function, args, kwargs)
        try:
            args, kwargs = self.codec.carry((args, kwargs), record, function.__qualname__)
        except KeyNotAtHand as missing:
            return self.suspend("with_key", missing.record, "call_function", (reference, function, args, kwargs))
        return self.run_in_domain(record, code, function, (record.instance, *args), kwargs)

    def call_later(self, reference: Reference, code: Code, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call an async method of another entity, which need not exist before the coroutine is awaited."""
        try:
            return self.coroutine(reference, code, function, args, kwargs)
        except KeyNotAtHand as missing:
            return self.suspend("with_key", missing.record, "call_function", (reference, function, args, kwargs))

    def await_(self, awaited: Any) -> Any:
        """Run what is awaited to its end."""
        if type(awaited) is not Coroutine:
            if hasattr(awaited, "__await__"):
                raise NotRepeatable(f"SF522: a method may await entities, async functions and gather, not {type(awaited).__name__}")
            raise TypeError(f"object {type(awaited).__name__} can't be used in 'await' expression")
        if awaited.is_awaited:
            raise RuntimeError("cannot reuse already awaited coroutine")
        awaited.is_awaited = True
        if self.suspends or self.depth >= NATIVE_CALL_DEPTH:
            return self.suspend("await", awaited)
        return self.perform_await(awaited)

    def perform_await(self, awaited: Coroutine) -> Any:
        """Run a coroutine, in the domain of its entity."""
        if awaited.reference is None:
            return self.perform_enter(awaited.code, awaited.parameters)
        record = self.reach(awaited.reference)
        if record is None:
            return self.suspend("await", awaited)
        first = len(awaited.code.free)
        given = self.codec.carry(awaited.parameters[first + 1 :], record, awaited.code.name)
        parameters = (*awaited.parameters[:first], record.instance, *given)
        return self.within(CallBoundary, record, None, self.perform_enter, (awaited.code, parameters), {})

    def perform_with_key(self, record: Record, operation: str, arguments: tuple[Any, ...]) -> Any:
        """Give a new entity its key, then carry out the operation that passes it on."""
        try:
            self.give_key(record)
        except KeyNotAtHand:
            return self.suspend("with_key", record, operation, arguments)
        return self.perform(operation, arguments)

    def perform_return(self, value: Any, error: BaseException | None) -> Any:
        """Give a result to frames that were parked, in their domain."""
        if error is not None:
            self.raise_in_domain(error, self.domain)
        return self.codec.carry(value, self.domain)

    def perform(self, operation: str, arguments: tuple[Any, ...]) -> Any:
        """Carry out a pending operation."""
        return getattr(self, PERFORM[operation])(*arguments)


PERFORM: Final[dict[str, str]] = {
    "await": "perform_await", "call": "perform_call", "call_given": "perform_given_call", "call_of_object": "perform_call_of_object",
    "call_existing": "perform_call_existing", "call_function": "perform_call_function", "create": "perform_create",
    "delete": "perform_delete", "delete_attribute": "perform_delete_attribute", "enter": "perform_enter", "fetch": "perform_fetch",
    "give_key": "perform_give_key", "return": "perform_return", "with_key": "perform_with_key", "get": "perform_get",
    "state": "perform_state", "set": "perform_set",
}  # fmt: skip
"""The methods that carry out pending operations: a closed set, since the names of operations come from outside too."""
