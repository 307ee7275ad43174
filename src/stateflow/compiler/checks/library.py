"""Calls of Python's library that do not belong in a method, by one table.

SF305 to SF312, SF321 to SF323, SF326, SF402 to SF405, SF408 to SF410.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from stateflow.compiler.checks.members import CHANGING
from stateflow.compiler.checks.rules import BY_NAME, CHANGED

if TYPE_CHECKING:
    from stateflow.compiler.checks.context import Context, Unit
    from stateflow.compiler.checks.receivers import Receivers

__all__ = ["check_library"]

_SILENT = frozenset("threading.current_thread threading.get_ident concurrent.CancelledError signal.Signals requests.codes".split())
_NAMESPACES = frozenset({"globals", "locals"})
_NAMESPACES_OF_NOTHING = frozenset({"vars", "dir"})


def check_library(context: Context, receivers: Receivers) -> None:
    """Look each called name up in the table."""
    for unit in context.units:
        for call in unit.of(ast.Call):
            if not isinstance(call.func, ast.Name | ast.Attribute):
                continue
            name = unit.names.canonical(call.func)
            if name is not None:
                _check_call(context, unit, call, name)
        _check_environment(context, unit)


def _check_call(context: Context, unit: Unit, call: ast.Call, name: str) -> None:
    package, _, function = name.partition(".")
    if package == "builtins" and (function in _NAMESPACES or (function in _NAMESPACES_OF_NOTHING and not call.args)):
        _report_namespace(context, unit, call, function)
        return
    rule = BY_NAME.get(name) or BY_NAME.get(f"{package}.*")
    if rule is None or name in _SILENT or _is_exception(unit, call) or _is_portable(unit, call, function):
        return
    message = f"`{unit.name}` {rule.does}: `{ast.unparse(call.func)}`"
    context.report(rule.code, unit, call, message, why=rule.why, fix=rule.fix)


def _is_exception(unit: Unit, call: ast.Call) -> bool:
    value = unit.names.value(call.func)
    return isinstance(value, type) and issubclass(value, BaseException)


def _is_portable(unit: Unit, call: ast.Call, function: str) -> bool:
    """Tell whether a call of `hash` does no harm: of a number, or to define `__hash__`, whose answer lives as long as the process."""
    argument = call.args[0] if call.args else None
    is_number = isinstance(argument, ast.Constant) and isinstance(argument.value, int)
    return function == "hash" and (is_number or unit.source.function.__name__ == "__hash__")


def _report_namespace(context: Context, unit: Unit, call: ast.Call, function: str) -> None:
    context.report(
        "SF306",
        unit,
        call,
        f"`{unit.name}` calls `{function}()`",
        why="a method that waits for another entity keeps its variables elsewhere meanwhile; the answer would be another one",
        fix="name the variables, or keep them in a dict of your own",
    )


def _check_environment(context: Context, unit: Unit) -> None:
    nodes = [n for n in unit.of(ast.Attribute) if n.attr == "environ"]
    nodes += [n for n in unit.of(ast.Name) if unit.names.get(n.id) is not None and n.id == "environ"]
    if not nodes:
        return
    changes = _changes(unit)
    for node in nodes:
        if unit.names.canonical(node) != "os.environ":
            continue
        if (change := changes.get(id(node))) is not None:
            message = f"`{unit.name}` changes the environment of the process: `{ast.unparse(change)}`"
            context.report("SF326", unit, change, message, why=CHANGED, fix=BY_NAME["os.chdir"].fix)
        else:
            rule = BY_NAME["os.getenv"]
            message = f"`{unit.name}` {rule.does}: `{ast.unparse(node)}`"
            context.report(rule.code, unit, node, message, why=rule.why, fix=rule.fix)


def _changes(unit: Unit) -> dict[int, Any]:
    """Return what changes a mapping, by the id of the mapping's node."""
    found: dict[int, Any] = {id(n.value): n for n in unit.of(ast.Subscript) if not isinstance(n.ctx, ast.Load)}
    for call in unit.of(ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr in CHANGING:
            found[id(call.func.value)] = call
    return found
