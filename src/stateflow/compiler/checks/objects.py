"""SF302, SF309, SF311, SF326, SF402, SF409: methods of objects that belong to the process: streams, loggers, paths, locks, contexts."""

from __future__ import annotations

import ast
import contextvars
import decimal
import io
import logging
import pathlib
import random
import sys
from typing import TYPE_CHECKING, Any

from stateflow.compiler.checks.names import MISSING
from stateflow.compiler.checks.rules import BY_NAME, CHANGED, FILES, INPUT, LOCKS, OUTPUT
from stateflow.compiler.types import Kind

if TYPE_CHECKING:
    from stateflow.compiler.checks.context import Context, Unit
    from stateflow.compiler.checks.receivers import Receivers
    from stateflow.compiler.checks.rules import Rule

__all__ = ["check_objects", "is_lock"]

_LOCKS = frozenset("lock LockType RLock _RLock Condition Semaphore BoundedSemaphore Event Barrier".split())
_LOG = frozenset("debug info warning warn error exception critical log".split())
_LOG_SETTINGS = frozenset("setLevel addHandler removeHandler addFilter removeFilter".split())
_FILE = frozenset(
    "open read_text read_bytes write_text write_bytes touch unlink rename replace mkdir rmdir iterdir glob rglob walk exists is_file "
    "is_dir stat lstat chmod symlink_to hardlink_to readlink resolve cwd home samefile".split()
)
_LOCK = frozenset("acquire release wait notify notify_all set clear".split())


def check_objects(context: Context, receivers: Receivers) -> None:
    """Look at each method that is called on an object of the module, or on a value whose class is certain."""
    for unit in context.units:
        for call in unit.of(ast.Call):
            if isinstance(call.func, ast.Attribute):
                _check_call(context, receivers, unit, call, call.func)
        for node in unit.of(ast.Name, ast.Attribute):
            if isinstance(node.ctx, ast.Load) and _is_one_of(unit.names.value(node), sys.stdin, sys.__stdin__):
                _report(context, unit, node, INPUT, ast.unparse(node))
        _check_contexts(context, unit)


def _is_one_of(value: object, *streams: object) -> bool:
    # Where there is no standard input, as in a service, `sys.stdin` is None, which says nothing.
    return value is not None and any(value is stream for stream in streams)


def _streams() -> tuple[object, ...]:
    return (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__, sys.stdin, sys.__stdin__)


def is_lock(value: object) -> bool:
    """Tell whether a value is one of the locks of `threading`, which the compiler itself must not import."""
    return type(value).__module__ in ("threading", "_thread") and type(value).__name__ in _LOCKS


def _report(context: Context, unit: Unit, node: Any, rule: Rule, text: str) -> None:
    context.report(rule.code, unit, node, f"`{unit.name}` {rule.does}: `{text}`", why=rule.why, fix=rule.fix)


def _check_call(context: Context, receivers: Receivers, unit: Unit, call: ast.Call, function: ast.Attribute) -> None:
    value, name = unit.names.value(function.value), function.attr
    rule = _rule_of_object(value, name) if value is not MISSING and value is not None else _rule_of_value(receivers, unit, function)
    if rule is not None:
        _report(context, unit, call, rule, ast.unparse(function))
    elif isinstance(value, contextvars.ContextVar) and name in ("set", "reset"):
        _report_change(context, unit, call, value, f"changes the context variable `{ast.unparse(function.value)}`")
    elif isinstance(value, io.IOBase) and not _is_one_of(value, *_streams()):
        _report_change(context, unit, call, value, f"uses `{ast.unparse(function.value)}`, a file or buffer of the module")
    elif isinstance(value, random.Random) and not isinstance(value, random.SystemRandom):
        _report_change(context, unit, call, value, f"draws from `{ast.unparse(function.value)}`, a random generator of the module")


def _rule_of_object(value: Any, name: str) -> Rule | None:
    """Return what is said of a method of an object that the module holds."""
    if name in ("write", "writelines") and _is_one_of(value, *_streams()):
        return OUTPUT
    if isinstance(value, logging.Logger):
        return OUTPUT if name in _LOG else BY_NAME["logging.basicConfig"] if name in _LOG_SETTINGS else None
    if is_lock(value) and name in _LOCK:
        return LOCKS
    is_path = isinstance(value, pathlib.Path) or value is pathlib.Path
    return FILES if is_path and name in _FILE else None


def _rule_of_value(receivers: Receivers, unit: Unit, function: ast.Attribute) -> Rule | None:
    """Return what is said of a method of a value that a method makes or is given."""
    found = receivers.of(unit, function.value)
    is_path = found.kind is Kind.LOCAL and found.cls is not None and issubclass(found.cls, pathlib.Path)
    return FILES if is_path and function.attr in _FILE else None


def _report_change(context: Context, unit: Unit, node: Any, value: object, what: str) -> None:
    why, fix = next(advice for kind, advice in _ADVICE.items() if isinstance(value, kind))
    context.report("SF302", unit, node, f"`{unit.name}` {what}", why=why, fix=fix)


_ADVICE: dict[type, tuple[str, str]] = {
    random.Random: (
        "every process has its own, which other requests use too; a failed request could not undo it",
        "call the functions of the module random: a request gets its own numbers",
    ),
    contextvars.ContextVar: (
        "the value would be that of one process, also for other requests; a method that waits may go on in another process",
        "pass the value as an argument",
    ),
    io.IOBase: (
        "every process has its own, which other requests use too; a failed request could not undo it",
        "make one in the method, or keep what it shall hold in attributes",
    ),
}


def _check_contexts(context: Context, unit: Unit) -> None:
    """Refuse changes of the current context of `decimal`, also by a variable."""
    held = {t.id for n in unit.of(ast.Assign) if _is_current(unit, n.value) for t in n.targets if isinstance(t, ast.Name)}
    for node in unit.of(ast.Attribute):
        owner = node.value
        if not isinstance(node.ctx, ast.Load) and (_is_current(unit, owner) or (isinstance(owner, ast.Name) and owner.id in held)):
            context.report(
                "SF326",
                unit,
                node,
                f"`{unit.name}` changes the context of decimal numbers: `{ast.unparse(node)}`",
                why=CHANGED,
                fix="compute in a context of your own, such as decimal.Context(prec=5).divide(a, b)",
            )


def _is_current(unit: Unit, node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and unit.names.value(node.func) is decimal.getcontext
