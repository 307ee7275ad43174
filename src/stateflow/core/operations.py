"""Attributes, operators and iteration over what may be another entity."""

from __future__ import annotations

import functools
import operator
import types
from collections import deque
from typing import Any

from stateflow.core import prelude_table
from stateflow.core.boundaries import raise_from_generator, step_generator
from stateflow.core.calls import Calls
from stateflow.core.containment import holds_special
from stateflow.core.domains import KeyNotAtHand
from stateflow.core.frame import STOP, resume
from stateflow.core.lazy import Generator, RemoteMethod
from stateflow.core.native_classes import mypyc_attr
from stateflow.core.store import get_state
from stateflow.dataflow.members import Member
from stateflow.protocol.deque_iterator import iterator_of
from stateflow.protocol.values import ATOMS
from stateflow.references import Reference

__all__ = ["Operations"]

NATIVE_BINARY = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "matmul": operator.matmul, "truediv": operator.truediv,
    "floordiv": operator.floordiv, "mod": operator.mod, "pow": operator.pow, "lshift": operator.lshift, "rshift": operator.rshift,
    "and": operator.and_, "or": operator.or_, "xor": operator.xor,
}  # fmt: skip
NATIVE_INPLACE = {
    "add": operator.iadd, "sub": operator.isub, "mul": operator.imul, "matmul": operator.imatmul, "truediv": operator.itruediv,
    "floordiv": operator.ifloordiv, "mod": operator.imod, "pow": operator.ipow, "lshift": operator.ilshift, "rshift": operator.irshift,
    "and": operator.iand, "or": operator.ior, "xor": operator.ixor,
}  # fmt: skip
NATIVE_UNARY = {"__neg__": operator.neg, "__pos__": operator.pos, "__invert__": operator.invert}
NATIVE_COMPARE = {
    "__eq__": operator.eq, "__ne__": operator.ne, "__lt__": operator.lt, "__le__": operator.le,
    "__gt__": operator.gt, "__ge__": operator.ge,
}  # fmt: skip
_COMPARED: dict[type, str] = {list: "compare_sequences", tuple: "compare_sequences", dict: "compare_mappings"}
_SEARCHED: frozenset[type] = frozenset({list, tuple, deque})
_DICT_VALUES: type = type({}.values())


@mypyc_attr(allow_interpreted_subclasses=True)
class Operations(Calls):
    """The part of a transaction that reads, writes and combines."""

    def is_special(self, value: Any) -> bool:
        """Tell whether an operator on a value may run compiled code."""
        return isinstance(value, Reference) or type(value) in self.flow.value_dunders

    def _holds(self, value: Any) -> bool:
        """Tell whether a container holds entities whose special methods its own operators call."""
        return self.flow.entity_dunders and type(value) not in ATOMS and holds_special(value, self.flow.value_dunders)

    def _is_special_index(self, index: Any) -> bool:
        if type(index) is slice:
            return any(map(self.is_special, (index.start, index.stop, index.step)))
        return self.is_special(index)

    def get_attribute(self, owner: Any, name: str) -> Any:
        """Read `owner.name`."""
        if isinstance(owner, Reference):
            if name == "__class__":
                return owner._sf_class
            member = self.flow.members[owner._sf_class, name]
            if member.is_method:
                # Only its call reaches the entity, after the arguments have been evaluated.
                return RemoteMethod(owner, name)
            if self.suspends:
                return self.suspend("get", owner, name)
            return self._get_member(owner, name, member)
        if name in self.flow.program.resumable_properties:
            getter = self.flow.member(type(owner), name)
            if getter.is_property and getter.code is not None:
                assert getter.function is not None
                return self.enter(getter.code, getter.function, (owner,), {})
        if type(owner) is Generator and name in prelude_table.GENERATOR_METHODS:
            # A method of a generator as a value: data, as every value of a frame is.
            return functools.partial(prelude_table.function(prelude_table.GENERATOR_METHODS[name]), owner)
        return getattr(owner, name)

    def get_method(self, owner: Any, name: str) -> Any:
        """Read `owner.name` to call it."""
        return self.get_attribute(owner, name)

    def perform_get(self, reference: Reference, name: str) -> Any:
        """Read an attribute of another entity, in its domain."""
        return self._get_member(reference, name, self.flow.member(reference._sf_class, name))

    def _get_member(self, reference: Reference, name: str, member: Member) -> Any:
        record = self.look(reference) if member.is_plain else self.reach(reference)
        if record is None:
            return self.suspend("get", reference, name)
        if member.is_method:
            return RemoteMethod(reference, name)
        if member.is_property and member.function is not None:
            return self.run_in_domain(record, member.code, member.function, (record.instance,), {})
        if not member.is_plain and not member.exists:
            fallback = self.flow.member(record.cls, "__getattr__")
            if fallback.function is not None and not _has(record.instance, name):
                return self.run_in_domain(record, fallback.code, fallback.function, (record.instance, name), {})
        value = getattr(record.instance, name)
        if type(value) in ATOMS:
            return value
        return self.codec.carry(value, self.domain, f"{record.cls.__name__}.{name}")

    def perform_state(self, reference: Reference) -> Any:
        """Read all attributes of an entity; the caller copies them."""
        record = self.look(reference)
        return self.suspend("state", reference) if record is None else get_state(record.instance)

    def set_attribute(self, owner: Any, name: str, value: Any) -> Any:
        """Assign `owner.name`."""
        if isinstance(owner, Reference):
            if self.suspends:
                return self.suspend("set", owner, name, value)
            return self.perform_set(owner, name, value)
        member = self.flow.member(type(owner), name) if name in self.flow.program.resumable_properties else None
        if member is not None and member.setter is not None and member.setter.__code__ in self.codes:
            return self.enter(self.codes[member.setter.__code__], member.setter, (owner, value), {})
        setattr(owner, name, value)
        return None

    def perform_set(self, reference: Reference, name: str, value: Any) -> Any:
        """Assign an attribute of another entity, in its domain."""
        record = self.reach(reference)
        if record is None:
            return self.suspend("set", reference, name, value)
        try:
            value = self.codec.carry(value, record, f"{record.cls.__name__}.{name}")
        except KeyNotAtHand as missing:
            return self.suspend("with_key", missing.record, "set", (reference, name, value))
        member = self.flow.member(record.cls, name)
        if member.is_property and member.setter is not None:
            code = self.codes.get(member.setter.__code__)
            return self.run_in_domain(record, code, member.setter, (record.instance, value), {})
        setattr(record.instance, name, value)
        if self.flow.may_change_key[record.cls]:
            self.check_key(record)
        return None

    def delete_attribute(self, owner: Any, name: str) -> Any:
        """Carry out `del owner.name`."""
        if isinstance(owner, Reference):
            if self.suspends:
                return self.suspend("delete_attribute", owner, name)
            return self.perform_delete_attribute(owner, name)
        delattr(owner, name)
        return None

    def perform_delete_attribute(self, reference: Reference, name: str) -> Any:
        """Delete an attribute of another entity."""
        record = self.reach(reference)
        if record is None:
            return self.suspend("delete_attribute", reference, name)
        delattr(record.instance, name)
        return None

    def match_attribute(self, subject: Any, name: str) -> Any:
        """Read an attribute for a class pattern; STOP where there is none."""
        return self.call(prelude_table.function("match_attribute"), subject, name)

    def binary(self, name: str, left: Any, right: Any) -> Any:
        """Carry out a binary operator."""
        if name == "mod" and type(left) is str and (self.is_special(right) or self._holds(right)):
            return self.call(prelude_table.function("percent"), left, right)
        if self.is_special(left) or self.is_special(right):
            return self.call(prelude_table.function("binary"), name, left, right)
        return NATIVE_BINARY[name](left, right)

    def inplace(self, name: str, left: Any, right: Any) -> Any:
        """Carry out the operator of an augmented assignment."""
        if type(right) is Generator or self.is_special(left) or self.is_special(right):
            return self.call(prelude_table.function("inplace"), name, left, right)
        return NATIVE_INPLACE[name](left, right)  # type: ignore[no-untyped-call]

    def unary(self, name: str, operand: Any) -> Any:
        """Carry out a unary operator."""
        if self.is_special(operand):
            return self.call(prelude_table.function("unary"), name, operand)
        return NATIVE_UNARY[name](operand)  # type: ignore[operator]

    def compare(self, name: str, left: Any, right: Any) -> Any:
        """Carry out a comparison."""
        if self.is_special(left) or self.is_special(right):
            return self.call(prelude_table.function("compare"), name, left, right)
        if type(left) is type(right) and type(left) in _COMPARED and (self._holds(left) or self._holds(right)):
            return self.call(prelude_table.function(_COMPARED[type(left)]), name, left, right)
        return NATIVE_COMPARE[name](left, right)

    def contains(self, container: Any, value: Any) -> Any:
        """Carry out `in`; the operands come as Python evaluates them: the value first."""
        value, container = container, value
        if self.is_special(container) or type(container) is Generator:
            return self.call(prelude_table.function("contains"), container, value)
        if self.flow.entity_dunders and type(container) is _DICT_VALUES:
            return self.call(prelude_table.function("contains_each"), container, value)
        if type(container) in _SEARCHED and (self._holds(container) or self._holds(value)):
            return self.call(prelude_table.function("contains_each"), container, value)
        return value in container

    def truth(self, value: Any) -> Any:
        """Find the truth of a value."""
        if self.is_special(value):
            return self.call(prelude_table.function("truth"), value)
        return bool(value)

    def format(self, value: Any, conversion: int, spec: str) -> Any:
        """Format one part of an f-string."""
        from stateflow.compiler.codegen.support import format_value

        if self.is_special(value) or self._holds(value):
            return self.call(prelude_table.function("format_value"), value, conversion, spec)
        return format_value(value, conversion, spec)

    def get_item(self, container: Any, index: Any) -> Any:
        """Carry out `container[index]`."""
        if self.is_special(container) or self._is_special_index(index):
            return self.call(prelude_table.function("get_item"), container, index)
        return container[index]

    def set_item(self, container: Any, index: Any, value: Any) -> Any:
        """Carry out `container[index] = value`."""
        fills = type(index) is slice and (type(value) is Generator or isinstance(value, Reference))
        if fills or self.is_special(container) or self._is_special_index(index):
            return self.call(prelude_table.function("set_item"), container, index, value)
        container[index] = value
        return None

    def delete_item(self, container: Any, index: Any) -> Any:
        """Carry out `del container[index]`."""
        if self.is_special(container) or self._is_special_index(index):
            return self.call(prelude_table.function("delete_item"), container, index)
        del container[index]
        return None

    def special(self, value: Any, name: str) -> Any:
        """Look a special method up as syntax does, on the class; None when it has none."""
        if isinstance(value, Reference):
            member = self.flow.member(value._sf_class, name)
            return RemoteMethod(value, name) if member.exists and member.value is not None else None
        for base in type(value).__mro__:
            if name in base.__dict__:
                found = base.__dict__[name]
                if found is None:
                    return None
                return types.MethodType(found, value) if type(found) is types.FunctionType else found.__get__(value, type(value))
        return None

    def iterate(self, iterable: Any) -> Any:
        """Return an iterator, as `iter` does."""
        if type(iterable) is Generator:
            return iterable
        if self.is_special(iterable):
            return self.call(prelude_table.function("iterate"), iterable)
        return iterator_of(iterable)

    def collect(self, iterable: Any, is_sized: bool) -> Any:
        """Return what a display or call may unpack natively; `is_sized` says that it first asks for the length, as CPython does."""
        if type(iterable) is Generator or self.is_special(iterable):
            return self.call(prelude_table.function("list_" if is_sized else "elements"), iterable)
        return iterable

    def unpack(self, value: Any, count: int, starred: int) -> Any:
        """Return what assignment to `count` targets, of which one may be starred, may take apart natively."""
        if type(value) is Generator or self.is_special(value):
            return self.call(prelude_table.function("unpack"), value, count, starred)
        return value

    def next(self, iterator: Any) -> Any:
        """Return the next value of an iterator; STOP when it is exhausted."""
        return self.send(iterator, None)

    def send(self, iterator: Any, value: Any) -> Any:
        """Return the next value of an iterator, and for a generator send it a value."""
        if type(iterator) is Generator:
            return self._advance(iterator, value)
        if self.is_special(iterator):
            return self.call(prelude_table.function("next_value"), iterator)
        try:
            return next(iterator) if value is None else iterator.send(value)
        except StopIteration as stop:
            self.stop = stop.value
            return STOP

    def throw(self, generator: Generator, error: BaseException) -> Any:
        """Raise an exception where a generator waits; return what it gives next, or STOP."""
        if generator.is_running or generator.frame is None or generator.frame.pc < 0:
            generator.frame = None if not generator.is_running else generator.frame
            raise error
        return self._advance(generator, None, error)

    def _advance(self, generator: Generator, value: Any, thrown: BaseException | None = None) -> Any:
        if generator.is_running:
            raise ValueError("generator already executing")
        frame = generator.frame
        if frame is None:
            # Only the end itself tells the result.
            self.stop = generator.result = None
            return STOP
        generator.frame, generator.is_running = None, True
        self.open_generators -= frame.must_clean_up
        try:
            if frame.pc < 0:
                result = self.perform_enter(frame.code, frame.locals)
            else:
                frame.value, frame.error = value, thrown
                result = resume(self, frame)
        except BaseException as error:
            raise_from_generator(generator, error)
        return step_generator(self, generator, result)

    def iterate_async(self, iterable: Any) -> Any:
        """Return an asynchronous iterator."""
        return self.call(prelude_table.function("iterate_async"), iterable)

    def next_async(self, iterator: Any) -> Any:
        """Return the next value of an asynchronous iterator; STOP when it is exhausted."""
        return self.call(prelude_table.function("next_async"), iterator)

    def stop_value(self) -> Any:
        """Return what the generator that was exhausted last returned."""
        return self.stop

    def enter_manager(self, manager: Any) -> Any:
        """Enter a context manager."""
        method = self.special(manager, "__enter__")
        return self.call(method)

    def exit_manager(self, manager: Any, error: BaseException | None) -> Any:
        """Leave a context manager."""
        if error is None:
            return self.call(self.special(manager, "__exit__"), None, None, None)
        traceback = None if isinstance(manager, Reference) else error.__traceback__
        return self.call(self.special(manager, "__exit__"), type(error), error, traceback)

    def async_enter(self, manager: Any) -> Any:
        """Enter an asynchronous context manager."""
        return self.call(prelude_table.function("call_and_await"), self.special(manager, "__aenter__"))

    def async_exit(self, manager: Any, error: BaseException | None) -> Any:
        """Leave an asynchronous context manager."""
        given = (None, None, None) if error is None else (type(error), error, error.__traceback__)
        return self.call(prelude_table.function("call_and_await"), self.special(manager, "__aexit__"), *given)


def _has(instance: Any, name: str) -> bool:
    try:
        object.__getattribute__(instance, name)
    except AttributeError:
        return False
    return True
