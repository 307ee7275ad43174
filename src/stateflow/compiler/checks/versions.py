"""SF115, SF116: `__upgrade__`, and the former names of classes and methods."""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING, Any

from stateflow.compiler.checks.receivers import member_of
from stateflow.compiler.repeatable import replacement
from stateflow.renaming import claimed_methods, former_qualnames

if TYPE_CHECKING:
    from stateflow.compiler.checks.context import Context, Unit
    from stateflow.compiler.checks.receivers import Receivers

__all__ = ["check_former_names", "check_upgrade"]


def check_upgrade(context: Context, receivers: Receivers) -> None:
    """Require that `__upgrade__` is a plain method, whose answer follows from the stored state alone."""
    for cls in context.entities:
        member: Any = member_of(cls, "__upgrade__")
        unit = context.unit(member)
        if unit is None:
            if member is not None:
                _report_class(context, cls, type(member).__name__)
            continue
        _check_shape(context, unit)
        found = receivers.reach(unit, unit.node) or _clock_call(unit)
        if found is not None:
            what = "asks for what a repeat would answer otherwise" if isinstance(found, ast.Call) and _is_clock(unit, found) else "reaches"
            _report(context, unit, found, f"`{unit.name}` {what}: `{ast.unparse(found)}`")


def _check_shape(context: Context, unit: Unit) -> None:
    function = unit.source.function
    kind = "asynchronous" if inspect.iscoroutinefunction(function) else "a generator" if inspect.isgeneratorfunction(function) else ""
    count = len(unit.node.args.posonlyargs + unit.node.args.args)
    required = count - len(unit.node.args.defaults)
    if kind or required > 3 or count < 2 or any(default is None for default in unit.node.args.kw_defaults):
        head = unit.node
        start = head.col_offset + len("async def " if isinstance(head, ast.AsyncFunctionDef) else "def ")
        name = ast.Pass(lineno=head.lineno, col_offset=start, end_lineno=head.lineno, end_col_offset=start + len(head.name))
        _report(context, unit, name, f"`{unit.name}` is {kind}" if kind else f"`{unit.name}` has {count} parameters")


def _clock_call(unit: Unit) -> ast.Call | None:
    return next((node for node in unit.of(ast.Call) if _is_clock(unit, node)), None)


def _is_clock(unit: Unit, call: ast.Call) -> bool:
    return replacement(call.func, unit.source.globals) is not None


_WHY = "it is called with the stored attributes whenever a state of another version is read, perhaps several times for one state"
_FIX = "write `def __upgrade__(self, state)` or `def __upgrade__(self, state, version)`, and compute from the state alone"


def _report(context: Context, unit: Unit, node: Any, message: str) -> None:
    context.report("SF115", unit, node, message, why=_WHY, fix=_FIX)


def _report_class(context: Context, cls: type, kind: str) -> None:
    context.report_class("SF115", cls, f"`{cls.__name__}.__upgrade__` is a {kind}", why=_WHY, fix=_FIX)


def check_former_names(context: Context, receivers: Receivers) -> None:
    """Refuse a former name that something else has now, or that two things claim."""
    taken = {cls.__qualname__: cls.__name__ for cls in context.entities}
    for cls in context.entities:
        for name in former_qualnames(cls):
            if name in taken:
                _report_former(context, cls, f"`{cls.__name__}` was called `{name}` before, which is a name of `{taken[name]}`")
            taken.setdefault(name, cls.__name__)
        known: dict[str, str] = {}
        for former, present in claimed_methods(cls):
            if member_of(cls, former) is not None:
                _report_former(context, cls, f"`{cls.__name__}.{present}` was called `{former}` before, which is another member now")
            elif known.setdefault(former, present) != present:
                both = f"`{cls.__name__}.{known[former]}` and `{cls.__name__}.{present}`"
                _report_former(context, cls, f"{both} were both called `{former}` before")


def _report_former(context: Context, cls: type, message: str) -> None:
    context.report_class(
        "SF116",
        cls,
        message,
        why="states and requests that carry the name must mean one class and one method",
        fix="take the name out of @stateflow.renamed, or give the other one another name",
    )
