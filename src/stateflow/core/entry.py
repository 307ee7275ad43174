"""Entering compiled functions, in the current entity's domain or in that of another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from stateflow.core.boundaries import CallBoundary, DomainBoundary
from stateflow.core.frame import SUSPENDED, Code, Frame, Transfer, enter_handlers
from stateflow.core.lazy import Coroutine, Generator
from stateflow.core.native_classes import mypyc_attr
from stateflow.core.state import TransactionState
from stateflow.errors import KeyChanged
from stateflow.limits import CALL_DEPTH, NATIVE_CALL_DEPTH
from stateflow.protocol.values import ATOMS

if TYPE_CHECKING:
    import types

    from stateflow.core.store import Record

__all__ = ["Entry"]

_are_atoms: Final = ATOMS.issuperset


@mypyc_attr(allow_interpreted_subclasses=True)
class Entry(TransactionState):
    """The part of a transaction that enters functions."""

    def enter(self, code: Code, function: types.FunctionType, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a compiled function in the current domain."""
        parameters = code.parameters(function, args, kwargs)
        if code.is_generator:
            return Generator(Frame(code, -1, parameters), code.short_name)
        if code.is_async:
            return Coroutine(code, parameters)
        if self.suspends or self.depth >= NATIVE_CALL_DEPTH:
            return self.suspend("enter", code, parameters)
        return self.perform_enter(code, parameters)

    def perform_enter(self, code: Code, parameters: tuple[Any, ...]) -> Any:
        """Run a compiled function to its end or to where it suspends."""
        if self.depth + self.stack_depth >= CALL_DEPTH:
            raise RecursionError("maximum recursion depth exceeded")
        self.operations_left -= 1
        if self.operations_left < 0:
            return self.suspend("enter", code, parameters)
        self.depth += 1
        try:
            result = code.run(self, None, *parameters)
            return enter_handlers(self, result) if type(result) is Transfer else result
        finally:
            self.depth -= 1

    def run_in_domain(self, record: Record, code: Code | None, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run a function in the domain of an entity; its result crosses to the caller's."""
        if code is not None and code.is_async:
            return self.coroutine(self.store.reference_to(record), code, function, args[1:], kwargs)
        return self.within(CallBoundary, record, code, function, args, kwargs)

    def coroutine(self, reference: Any, code: Code, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Coroutine:
        """Return an async method of an entity, called with arguments and not awaited yet."""
        # It waits in the caller's domain: the entity itself takes the place of its reference when it runs.
        args, kwargs = self.codec.carry((args, kwargs), None, reference._sf_class.__name__)
        return Coroutine(code, code.parameters(function, (None, *args), kwargs), reference)

    def within(
        self,
        boundary: type[DomainBoundary],
        record: Record,
        code: Code | None,
        function: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        """Run a function in the domain of an entity; what it returns or raises crosses to the caller's as the boundary says."""
        caller, self.domain = self.domain, record
        failed: BaseException | None = None
        result: Any = None
        try:
            if code is None:
                result = function(*args, **kwargs)
            elif code.is_generator or self.depth >= NATIVE_CALL_DEPTH:
                result = self.enter(code, function, args, kwargs)
            else:
                result = self.perform_enter(code, code.parameters(function, args, kwargs))
        except BaseException as error:
            failed = error
        if result is SUSPENDED:
            self.frames.append(boundary(caller, record))
            return SUSPENDED
        self.domain = caller
        if failed is not None:
            # Outside of the clause above: what the caller handles is then what Python takes for the context.
            self.raise_in_domain(failed, caller)
        if boundary is not CallBoundary:
            return boundary.finish(self, record, result, caller)  # type: ignore[arg-type]  # always of the whole class
        return self.cross(record, result, caller)

    def run_plain(self, record: Record, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run a method that never suspends in the domain of its entity; most calls of other entities are of these."""
        caller, self.domain = self.domain, record
        failed: BaseException
        try:
            result = function(record.instance, *args, **kwargs)
        except BaseException as error:
            failed = error
        else:
            self.domain = caller
            return self.cross(record, result, caller)
        self.domain = caller
        # Outside of the clause above: what the caller handles is then what Python takes for the context.
        return self.raise_in_domain(failed, caller)

    def cross(self, record: Record, result: Any, caller: Record | None) -> Any:
        """Bring a result from an entity's domain to the caller's, after a look at the entity's key."""
        if self.flow.may_change_key[record.cls]:
            self.check_key(record)
        kind = type(result)
        if kind in ATOMS or (kind is tuple and _are_atoms(map(type, result))):
            return result
        return self.codec.carry(result, caller, record.cls.__name__)

    def check_key(self, record: Record) -> None:
        """Refuse a method that changed what `__key__` answers."""
        if record.instance is None or record.identity is None:
            return
        now = record.instance.__key__()
        if type(now) is not type(record.key) or now != record.key:
            raise KeyChanged(record.cls.__name__, record.key)
