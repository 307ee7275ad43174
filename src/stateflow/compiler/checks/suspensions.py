"""SF316 to SF320: what cannot wait for another entity."""

from __future__ import annotations

import ast
import contextlib
import functools
import inspect
import types
from typing import TYPE_CHECKING, Any

from stateflow.compiler.checks.objects import is_lock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stateflow.compiler.checks.context import Context, Unit
    from stateflow.compiler.checks.receivers import Receivers

__all__ = ["check_suspensions", "is_manager_function", "is_native_library", "manager_kind"]

_FILES = frozenset("builtins.open os.fdopen os.scandir tempfile.TemporaryFile tempfile.NamedTemporaryFile gzip.open tarfile.open".split())
_LOCKS = frozenset("threading.Lock threading.RLock threading.Condition threading.Semaphore thread.allocate_lock thread.RLock".split())
_RESUMABLE_PACKAGES = frozenset({"builtins", "functools", "asyncio", "stateflow"})
_LOCK = ("SF320", "a lock", "leave out the lock: each method runs alone on the entities that it reaches")
_MANAGER = contextlib.contextmanager(lambda: iter(())).__code__


def check_suspensions(context: Context, receivers: Receivers) -> None:
    """Refuse calls of other entities where the interpreter's own stack would have to wait."""
    for unit in context.units:
        for call in unit.of(ast.Call):
            _check_callback(context, receivers, unit, call)
        for node in unit.of(ast.With, ast.AsyncWith):
            _check_manager(context, receivers, unit, node)
    for cls in context.entities:
        for name, member in _cached(cls):
            _check_cached(context, receivers, name, member)


def _check_callback(context: Context, receivers: Receivers, unit: Unit, call: ast.Call) -> None:
    arguments = [*call.args, *[k.value for k in call.keywords]]
    functions: list[Any] = [a for a in arguments if isinstance(a, ast.Lambda) or (isinstance(a, ast.Name) and a.id in unit.names.variables)]
    if not functions or not is_native_library(context, unit, call.func):
        return
    for argument in functions:
        function = argument if isinstance(argument, ast.Lambda) else _nested(unit, argument.id)
        found = receivers.reach(unit, function) if function is not None else None
        if found is not None:
            library = ast.unparse(call.func)
            context.report(
                "SF317",
                unit,
                argument,
                f"`{unit.name}` gives `{library}` a function that reaches another entity: `{ast.unparse(found)}`",
                why=f"{library} calls the function from library code, which cannot wait for another entity",
                fix="read the values in the method first, for example by a list comprehension; sorted, min, max, map and filter can wait",
            )


def is_native_library(context: Context, unit: Unit, function: ast.expr) -> bool:
    """Tell whether a function is certainly of a library whose calls cannot wait for another entity."""
    if not isinstance(function, ast.Name | ast.Attribute):
        return False
    value: Any = unit.names.value(function)
    name = unit.names.canonical(function)
    if name is None or name.split(".")[0] in _RESUMABLE_PACKAGES or context.unit(value) is not None:
        return False
    return not (isinstance(value, type) and context.is_user_class(value)) and not isinstance(value, types.MethodType)


def _nested(unit: Unit, name: str) -> ast.AST | None:
    return next((n for n in unit.of(ast.FunctionDef) if n.name == name and n is not unit.node), None)


def _check_manager(context: Context, receivers: Receivers, unit: Unit, node: Any) -> None:
    for item in node.items:
        kind = manager_kind(unit, item.context_expr)
        if kind is None:
            continue
        found = next(filter(None, (receivers.reach(unit, statement) for statement in node.body)), None)
        if found is not None:
            code, what, fix = kind
            context.report(
                code,
                unit,
                item.context_expr,
                f"`{unit.name}` keeps {what} while it reaches another entity by `{ast.unparse(found)}`",
                why="the method may go on in another process once the other entity has answered; this cannot move there",
                fix=fix,
            )


def manager_kind(unit: Unit, manager: ast.expr) -> tuple[str, str, str] | None:
    """Return code, description and fix for a context manager that cannot be kept over a suspension; None for others."""
    if isinstance(manager, ast.Name | ast.Attribute) and is_lock(unit.names.value(manager)):
        return _LOCK
    if not isinstance(manager, ast.Call) or not isinstance(manager.func, ast.Name | ast.Attribute):
        return None
    name = unit.names.canonical(manager.func)
    if name in _FILES:
        return "SF319", "an open file", "read the file to its end first, or call the entity after the with statement"
    if name in _LOCKS:
        return _LOCK
    value: Any = unit.names.value(manager.func)
    if is_manager_function(value):
        return "SF318", f"the generator behind `{value.__name__}`", "write the manager as a class with __enter__ and __exit__"
    return None


def is_manager_function(value: object) -> bool:
    """Tell whether a value was made by `contextlib.contextmanager`."""
    return isinstance(value, types.FunctionType) and value.__code__ is _MANAGER


def _cached(cls: type) -> Iterator[tuple[str, Any]]:
    for base in cls.__mro__:
        for name, member in base.__dict__.items():
            if isinstance(member, functools.cached_property):
                yield name, member.func


def _check_cached(context: Context, receivers: Receivers, name: str, function: Any) -> None:
    unit = context.unit(inspect.unwrap(function))
    found = receivers.reach(unit, unit.node) if unit is not None else None
    if unit is not None and found is not None:
        context.report(
            "SF316",
            unit,
            found,
            f"the cached property `{unit.name}` reaches another entity by `{ast.unparse(found)}`",
            why="functools.cached_property calls the function from library code, which cannot wait for another entity",
            fix=f"write @property, and keep the answer in an attribute such as self._{name}",
        )
