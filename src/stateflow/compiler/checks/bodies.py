"""SF209, SF313, SF401, SF414: single statements of a method."""

from __future__ import annotations

import ast
import collections
import dataclasses
import enum
import types
import typing
from typing import TYPE_CHECKING, Any

from stateflow.compiler.checks.origins import CONTAINERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stateflow.compiler.checks.context import Context, Unit
    from stateflow.compiler.checks.receivers import Receivers

__all__ = ["check_bodies"]

_MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp)
_CLASS_MAKERS: frozenset[Any] = frozenset({collections.namedtuple, dataclasses.make_dataclass, types.new_class, typing.NamedTuple})
_MAKERS = frozenset({"list", "dict", "set", "bytearray"})


def check_bodies(context: Context, receivers: Receivers) -> None:
    """Check what a statement shows by itself."""
    for unit in context.units:
        for node in unit.of(ast.ClassDef):
            end = node.col_offset + len("class ") + len(node.name)
            head = ast.Pass(lineno=node.lineno, col_offset=node.col_offset, end_lineno=node.lineno, end_col_offset=end)
            _report_class(context, unit, head, f"defines the class `{node.name}`", f"move the class {node.name} to the module")
        for node in unit.of(ast.Call):
            if _makes_class(unit, node):
                _report_class(context, unit, node, f"makes a class by `{ast.unparse(node.func)}`", "make it once, in the module")
        # Defaults of functions inside are made anew each time that the method runs.
        for name, default in _defaults(unit.node.args):
            _check_default(context, unit, name, default)
        for node in unit.of(ast.Await):
            made = unit.names.value(node.value.func) if isinstance(node.value, ast.Call) else None
            if isinstance(made, type) and made not in context.entity_set and "__await__" in dir(made) and context.is_user_class(made):
                _report_await(context, unit, node.value, made)
        for node in unit.of(ast.Delete):
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id == unit.self_name:
                    _report_deletion(context, unit, node)


def _makes_class(unit: Unit, node: ast.Call) -> bool:
    made = unit.names.value(node.func)
    if made is type:
        return len(node.args) == 3
    if isinstance(made, enum.EnumType) and not list(made):
        # Without members calling the class makes another one.
        return len(node.args) + len(node.keywords) > 1
    return made in _CLASS_MAKERS if isinstance(made, types.FunctionType) else made is typing.NamedTuple


def _report_class(context: Context, unit: Unit, node: Any, does: str, fix: str) -> None:
    context.report(
        "SF313",
        unit,
        node,
        f"`{unit.name}` {does}",
        why="its objects could not be stored: the class would be another one each time the method runs",
        fix=fix,
    )


def _defaults(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    positional = arguments.posonlyargs + arguments.args
    for argument, default in zip(reversed(positional), reversed(arguments.defaults), strict=False):
        yield argument.arg, default
    for argument, keyword_default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if keyword_default is not None:
            yield argument.arg, keyword_default


def _check_default(context: Context, unit: Unit, name: str, default: Any) -> None:
    is_made = isinstance(default, ast.Call) and isinstance(default.func, ast.Name) and default.func.id in _MAKERS
    if isinstance(default, _MUTABLE) or is_made or isinstance(unit.names.value(default), CONTAINERS):
        context.report(
            "SF401",
            unit,
            default,
            f"`{unit.name}` has a mutable default for `{name}`",
            why="the default is made once for each process; a method that changes it changes it for every later call in that process",
            fix=f"write {name}=None, and make a new one in the method",
        )


def _report_await(context: Context, unit: Unit, node: ast.expr, made: type) -> None:
    context.report(
        "SF209",
        unit,
        node,
        f"`{unit.name}` awaits an object of {made.__name__}, by its `__await__`",
        why="methods run without an event loop: await waits for another entity, for an async function and for asyncio.gather",
        fix="write an async function in its place, and await that",
    )


def _report_deletion(context: Context, unit: Unit, node: ast.Delete) -> None:
    context.report(
        "SF414",
        unit,
        node,
        f"`{unit.name}` deletes the name `self`",
        why="`del self` forgets a variable; the entity stays",
        fix="to delete the entity, call stateflow.delete(self)",
    )
