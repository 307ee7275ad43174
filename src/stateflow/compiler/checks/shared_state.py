"""SF301 to SF304, SF327, SF416: state that belongs to the process, not to an entity."""

from __future__ import annotations

import ast
import types
from typing import TYPE_CHECKING, Any

from stateflow.compiler.checks.names import MISSING
from stateflow.compiler.checks.origins import CONTAINERS, captured, class_container, is_shared
from stateflow.compiler.checks.sharing import Sharing

if TYPE_CHECKING:
    from stateflow.compiler.checks.context import Context, Unit
    from stateflow.compiler.checks.receivers import Receivers
    from stateflow.compiler.checks.sharing import Change

__all__ = ["check_shared_state"]

_WHY = "the entities of one class live in many processes, each with its own copy of the module; a failed request could not undo it"
_FIX = "keep it in an attribute of an entity, or in an entity of its own"


def check_shared_state(context: Context, receivers: Receivers) -> None:
    """Refuse changes of globals, of objects that the module holds, of classes, and of containers that a class holds."""
    sharing = Sharing(context)
    has_shared = any(_names_shared(context, unit) for unit in context.units)
    for unit in context.units:
        _check_globals(context, unit)
        for change in sharing.changes(unit) if has_shared else ():
            _check_change(context, unit, change)
        for attribute in unit.of(ast.Attribute):
            if not isinstance(attribute.ctx, ast.Load):
                _check_attribute(context, unit, attribute, attribute.value, f"assigns `{ast.unparse(attribute)}`")
                _check_class_of_entity(context, receivers, unit, attribute)
        for call in unit.of(ast.Call):
            if call.args and unit.names.canonical(call.func) in ("builtins.setattr", "builtins.delattr"):
                _check_attribute(context, unit, call, call.args[0], f"changes `{ast.unparse(call.args[0])}`")


def _names_shared(context: Context, unit: Unit) -> bool:
    names = unit.of(ast.Name, ast.Attribute)
    if any(is_shared(context, unit.names.value(n)) for n in names) or any(captured(context, unit)):
        return True
    return any(class_container(context, unit, n) is not None for n in unit.of(ast.Attribute))


def _check_globals(context: Context, unit: Unit) -> None:
    _check_captured(context, unit)
    declared = {name for node in unit.of(ast.Global) for name in node.names}
    if not declared:
        return
    bound = [n for n in unit.of(ast.Name) if not isinstance(n.ctx, ast.Load)]
    bound += [n for n in unit.of(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef) if n is not unit.node]
    for node in sorted(bound, key=lambda n: (n.lineno, n.col_offset), reverse=True):
        name = node.id if isinstance(node, ast.Name) else node.name
        if name in declared:
            context.report("SF301", unit, node, f"`{unit.name}` assigns the global variable `{name}`", why=_WHY, fix=_FIX)


def _check_captured(context: Context, unit: Unit) -> None:
    """Refuse a `nonlocal` of what lies around a function of the module: a decorator's counter, for example."""
    free = set(unit.source.function.__code__.co_freevars)
    for node in unit.of(ast.Nonlocal):
        for name in free.intersection(node.names):
            context.report("SF301", unit, node, f"`{unit.name}` assigns `{name}`, a variable around the function", why=_WHY, fix=_FIX)


def _check_change(context: Context, unit: Unit, change: Change) -> None:
    origin = min((o for o in change.origins if not o.parameter), key=lambda o: o.text, default=None)
    if origin is None:
        return
    kind = f"{f'a {type(origin.value).__name__}' if isinstance(origin.value, CONTAINERS) else 'an object'} {origin.of}"
    if change.is_kept:
        context.report(
            "SF416",
            unit,
            change.node,
            f"`{unit.name}` keeps `{origin.text}` in `{change.text}`, {kind}",
            why="the entity has its own copy once it is stored; until then a change of one would change the other",
            fix=f"keep a copy: {type(origin.value).__name__}({origin.text})",
        )
        return
    same = change.text == origin.text
    what = f"`{change.text}`, {kind}" if same else f"`{change.text}`, which is `{origin.text}`, {kind}"
    code = "SF302" if origin.of in ("of the module", "that the function keeps") else "SF304"
    why, fix = _WHY, _FIX
    if origin.of.startswith("that all objects"):
        name = origin.text.rpartition(".")[2]
        why, fix = f"{name} is set in the body of the class only. {_WHY[0].upper()}{_WHY[1:]}", f"set self.{name} in __init__"
    context.report(code, unit, change.node, f"`{unit.name}` changes {what}", why=why, fix=fix)


def _check_attribute(context: Context, unit: Unit, node: Any, owner: ast.expr, does: str) -> None:
    value = unit.names.value(owner)
    if _is_class(unit, owner) or isinstance(value, type):
        context.report("SF303", unit, node, f"`{unit.name}` {does}, an attribute of a class", why=_WHY, fix=_FIX)
    elif isinstance(value, types.ModuleType):
        context.report("SF301", unit, node, f"`{unit.name}` {does}, a name of a module", why=_WHY, fix=_FIX)
    elif value is not MISSING and value is not None and hasattr(value, "__dict__"):
        context.report("SF302", unit, node, f"`{unit.name}` changes `{ast.unparse(owner)}`, an object of the module", why=_WHY, fix=_FIX)


def _check_class_of_entity(context: Context, receivers: Receivers, unit: Unit, node: ast.Attribute) -> None:
    if node.attr != "__class__":
        return
    own = receivers.own_class(unit, node.value)
    if receivers.entity_class(unit, node.value) is not None or own in context.entity_bases():
        context.report(
            "SF327",
            unit,
            node,
            f"`{unit.name}` assigns `{ast.unparse(node)}`",
            why="class and key address the entity: as another class it would be another entity",
            fix="create an entity of the other class, and delete this one by stateflow.delete",
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
