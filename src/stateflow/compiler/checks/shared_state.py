"""SF301 to SF304: state that belongs to the process, not to an entity."""

from __future__ import annotations

import ast
import collections
import types
from typing import TYPE_CHECKING, Any

from stateflow.compiler.checks.members import CHANGING
from stateflow.compiler.checks.names import MISSING
from stateflow.compiler.checks.receivers import member_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stateflow.compiler.checks.context import Context, Unit
    from stateflow.compiler.checks.receivers import Receivers

__all__ = ["check_shared_state"]

_CONTAINERS = (list, dict, set, bytearray, collections.deque)
_WHY = "the entities of one class live in many processes, each with its own copy of the module; a failed request could not undo it"
_FIX = "keep it in an attribute of an entity, or in an entity of its own"


def check_shared_state(context: Context, receivers: Receivers) -> None:
    """Refuse changes of globals, of objects that the module holds, of classes, and of containers that a class holds."""
    bases = context.entity_bases()
    for unit in context.units:
        _check_globals(context, unit)
        for node, changed in _changed(unit):
            _check_change(context, unit, node, changed)
            if unit.owner in bases:
                _check_class_container(context, unit, node, changed)
        for node in unit.of(ast.Attribute):
            if not isinstance(node.ctx, ast.Load):
                _check_attribute(context, unit, node)


def _check_globals(context: Context, unit: Unit) -> None:
    declared = {name for node in unit.of(ast.Global) for name in node.names}
    if not declared:
        return
    bound = [n for n in unit.of(ast.Name) if not isinstance(n.ctx, ast.Load)]
    bound += [n for n in unit.of(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef) if n is not unit.node]
    for node in sorted(bound, key=lambda n: (n.lineno, n.col_offset), reverse=True):
        name = node.id if isinstance(node, ast.Name) else node.name
        if name in declared:
            context.report("SF301", unit, node, f"`{unit.name}` assigns the global variable `{name}`", why=_WHY, fix=_FIX)


def _changed(unit: Unit) -> Iterator[tuple[ast.AST, ast.expr]]:
    """Yield what changes a container, and the container."""
    for node in unit.of(ast.Subscript):
        if not isinstance(node.ctx, ast.Load):
            yield node, node.value
    for node in unit.of(ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING:
            yield node, node.func.value


def _check_change(context: Context, unit: Unit, node: Any, changed: ast.expr) -> None:
    while isinstance(changed, ast.Subscript):
        changed = changed.value
    value = unit.names.value(changed)
    if isinstance(value, _CONTAINERS):
        text = ast.unparse(changed)
        owner = unit.names.value(changed.value) if isinstance(changed, ast.Attribute) else None
        code, of = ("SF304", "shared by all objects") if isinstance(owner, type) else ("SF302", "of the module")
        context.report(code, unit, node, f"`{unit.name}` changes `{text}`, a {type(value).__name__} {of}", why=_WHY, fix=_FIX)


def _check_class_container(context: Context, unit: Unit, node: Any, changed: ast.expr) -> None:
    is_own = isinstance(changed, ast.Attribute) and isinstance(changed.value, ast.Name) and changed.value.id == unit.first
    if not is_own or unit.owner is None:
        return
    name = unit.mangled(changed.attr)  # type: ignore[attr-defined]
    value = member_of(unit.owner, name)
    if isinstance(value, _CONTAINERS) and not _is_set_by_a_method(context, unit.owner, name):
        context.report(
            "SF304",
            unit,
            node,
            f"`{unit.name}` changes `{ast.unparse(changed)}`, a {type(value).__name__} that all objects of {unit.owner.__name__} share",
            why=f"{name} is set in the body of the class only. {_WHY[0].upper()}{_WHY[1:]}",
            fix=f"set self.{name} in __init__",
        )


def _is_set_by_a_method(context: Context, cls: type, name: str) -> bool:
    relatives = {base for member in context.family(cls) for base in member.__mro__}
    return any(
        isinstance(n.ctx, ast.Store) and u.mangled(n.attr) == name
        for u in context.units
        if u.owner in relatives
        for n in u.of(ast.Attribute)
    )


def _check_attribute(context: Context, unit: Unit, node: ast.Attribute) -> None:
    value = unit.names.value(node.value)
    if _is_class(unit, node.value) or isinstance(value, type):
        context.report("SF303", unit, node, f"`{unit.name}` assigns `{ast.unparse(node)}`, an attribute of a class", why=_WHY, fix=_FIX)
    elif isinstance(value, types.ModuleType):
        context.report("SF301", unit, node, f"`{unit.name}` assigns `{ast.unparse(node)}`, a name of a module", why=_WHY, fix=_FIX)
    elif value is not MISSING and value is not None and hasattr(value, "__dict__"):
        context.report(
            "SF302", unit, node, f"`{unit.name}` changes `{ast.unparse(node.value)}`, an object of the module", why=_WHY, fix=_FIX
        )


def _is_class(unit: Unit, node: ast.expr) -> bool:
    match node:
        case ast.Name(id=name):
            return unit.is_class and name == unit.first
        case ast.Call(func=ast.Name(id="type"), args=[ast.Name(id=name)]):
            return name == unit.first
        case ast.Attribute(attr="__class__", value=ast.Name(id=name)):
            return name == unit.first
    return False
