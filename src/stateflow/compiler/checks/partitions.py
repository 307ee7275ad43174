"""SF121, SF122: `__partition__`, which clients and places ask where an entity lives, without having the entity."""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING, Any, Final

from stateflow.compiler.checks.receivers import member_of
from stateflow.compiler.program import unwrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stateflow.compiler.checks.context import Context, Unit
    from stateflow.compiler.checks.receivers import Receivers

__all__ = ["check_partition"]

_SHAPE_WHY = "clients and places ask it where an entity lives; all that they have is the class and the key"
_SHAPE_FIX = "write `@staticmethod` and `def __partition__(key)`, and return the part of the key that entities kept together have in common"
_REPEAT_WHY = "every client and every place must come to the same answer, also those that start years later with other code around it"
_REPEAT_FIX = "compute from the key alone, with Python's own functions on numbers, texts and tuples"
_ALLOWED: Final = frozenset(
    "abs bool bytes chr divmod enumerate filter float format int isinstance len list map max min ord pow range reversed round sorted str "
    "sum tuple zip".split()
)


def check_partition(context: Context, receivers: Receivers) -> None:
    """Require that `__partition__` is a static method whose answer follows from the key alone."""
    for cls in context.entities:
        member: Any = member_of(cls, "__partition__")
        if member is None:
            continue
        unit = next(filter(None, (context.unit(function) for function, _ in unwrap(member))), None)
        if unit is None:
            context.report_class("SF121", cls, f"`{cls.__name__}.__partition__` is no function", why=_SHAPE_WHY, fix=_SHAPE_FIX)
        elif problem := _problem(member, unit):
            context.report("SF121", unit, _name_span(unit.node), f"`{unit.name}` {problem}", why=_SHAPE_WHY, fix=_SHAPE_FIX)
        else:
            _check_names(context, unit)


def _problem(member: object, unit: Unit) -> str:
    """Return what is wrong with the shape of a `__partition__`; nothing when nothing is."""
    function, arguments = unit.source.function, unit.node.args
    if not isinstance(member, staticmethod):
        return "is no static method"
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        return "is asynchronous or a generator"
    count = len(arguments.posonlyargs + arguments.args)
    if count != 1 or arguments.vararg or arguments.kwonlyargs or arguments.kwarg or arguments.defaults:
        return "takes something else than the key"
    return ""


def _check_names(context: Context, unit: Unit) -> None:
    for node, what in _foreign(unit):
        context.report("SF122", unit, node, f"`{unit.name}` uses {what}", why=_REPEAT_WHY, fix=_REPEAT_FIX)
        return


def _foreign(unit: Unit) -> Iterator[tuple[ast.AST, str]]:
    """Yield what in the body is neither a variable of the function nor one of Python's plain functions, in the order of the text."""
    own = {name.id for name in unit.of(ast.Name) if not isinstance(name.ctx, ast.Load)} | {name.arg for name in unit.of(ast.arg)}
    body = unit.node.body if isinstance(unit.node.body, list) else [unit.node.body]
    for statement in body:
        for node in sorted(_placed(statement), key=lambda n: (n.lineno, n.col_offset)):
            if isinstance(node, ast.Name) and node.id not in own and node.id not in _ALLOWED:
                yield node, f"`{node.id}`"
            elif isinstance(node, ast.Set | ast.SetComp):
                yield node, "a set, whose order is another one in each process"
            elif isinstance(node, ast.Import | ast.ImportFrom | ast.Global | ast.Nonlocal):
                yield node, f"`{ast.unparse(node)}`"


def _placed(statement: ast.AST) -> Iterator[Any]:
    return (node for node in ast.walk(statement) if hasattr(node, "lineno"))


def _name_span(node: Any) -> ast.AST:
    if isinstance(node, ast.Lambda):
        return node
    start = node.col_offset + len("async def " if isinstance(node, ast.AsyncFunctionDef) else "def ")
    return ast.Pass(lineno=node.lineno, col_offset=start, end_lineno=node.lineno, end_col_offset=start + len(node.name))
