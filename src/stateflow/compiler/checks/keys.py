"""SF101, SF102, SF112 to SF114, SF120, SF407: `__key__` and `__init__`."""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING, Any

from stateflow.compiler.checks.receivers import member_of
from stateflow.compiler.program import unwrap
from stateflow.compiler.repeatable import replacement
from stateflow.compiler.source import class_node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stateflow.compiler.checks.context import Context, Unit
    from stateflow.compiler.checks.receivers import Receivers

__all__ = ["check_init", "check_key", "check_key_stays"]

_SETTERS = ("__init__", "__post_init__", "__setattr__", "__key__", "__upgrade__")
_UNREPEATABLE = frozenset("builtins.id builtins.hash os.getpid os.urandom os.getenv os.environ.get".split())
_EXAMPLE = "def __key__(self): return self.name"


def check_key(context: Context, receivers: Receivers) -> None:
    """Require one plain `__key__` that works on the entity alone."""
    for cls in context.entities:
        if cls.__dict__.get("_is_protocol"):
            continue
        member = member_of(cls, "__key__")
        if member is None and class_node(cls) is not None:
            context.report_class(
                "SF101",
                cls,
                f"`{cls.__name__}` does not define `__key__`",
                why="an entity is addressed by its class and its key",
                fix=f"define it, for example `{_EXAMPLE}`",
            )
        elif (isinstance(member, staticmethod) or not callable(member)) and class_node(cls) is not None:
            _report_kind(context, cls, member)
        unit = context.unit(member)
        if unit is not None:
            _check_shape(context, unit)
            _check_result(context, unit)
            _check_reach(context, receivers, unit)
            _check_repeats(context, receivers, unit)


def _report_kind(context: Context, cls: type, member: object) -> None:
    message = f"`{cls.__name__}.__key__` is a {type(member).__name__}"
    why = "the runtime calls __key__ with the object only, and takes its answer as the key"
    fix = f"make it a plain method, such as `{_EXAMPLE}`"
    unit = next(filter(None, (context.unit(f) for f, _ in unwrap(member))), None)
    if unit is not None:
        context.report("SF102", unit, _name_span(unit.node), message, why=why, fix=fix)
    else:
        context.report_class("SF102", cls, message, why=why, fix=fix)


def _check_shape(context: Context, unit: Unit) -> None:
    arguments = unit.node.args
    count = len(arguments.posonlyargs + arguments.args + arguments.kwonlyargs) - len(arguments.defaults)
    kind = "asynchronous" if isinstance(unit.node, ast.AsyncFunctionDef) else "a generator" if _yields(unit) else ""
    problem = f"is {kind}" if kind else "takes parameters" if count > 1 else "takes no self" if count < 1 and not arguments.vararg else ""
    if problem:
        context.report(
            "SF102",
            unit,
            _name_span(unit.node),
            f"`{unit.name}` {problem}",
            why="the runtime calls __key__ with the object only, and takes its answer as the key",
            fix=f"make it a plain method, such as `{_EXAMPLE}`",
        )


def _check_result(context: Context, unit: Unit) -> None:
    has_result = isinstance(unit.node, ast.Lambda) or any(r.value is not None and not _is_none(r.value) for r in unit.of(ast.Return))
    is_abstract = getattr(unit.source.function, "__isabstractmethod__", False)
    if not has_result and not is_abstract and not unit.nodes.get(ast.Raise) and not _yields(unit):
        context.report(
            "SF113",
            unit,
            _name_span(unit.node),
            f"`{unit.name}` returns nothing",
            why="None cannot be a key: all entities of the class would be one",
            fix="return the attribute that names the entity",
        )


def _check_reach(context: Context, receivers: Receivers, unit: Unit) -> None:
    found = receivers.reach(unit, unit.node)
    if found is not None:
        context.report(
            "SF112",
            unit,
            found,
            f"`{unit.name}` reaches another entity by `{ast.unparse(found)}`",
            why="the key must follow from the entity alone, wherever it is",
            fix="keep what the key needs in an attribute of the entity itself, set in __init__",
        )


def _check_repeats(context: Context, receivers: Receivers, unit: Unit) -> None:
    """Refuse a `__key__` that answers otherwise the second time, or changes the entity; the functions that it calls are looked at too."""
    found = _unrepeatable(context, receivers, unit, set())
    if found is not None:
        node, does = found
        context.report(
            "SF120",
            unit,
            node,
            f"`{unit.name}` {does}: `{ast.unparse(node)}`",
            why="the runtime calls __key__ several times, in several processes, and expects the same key each time",
            fix="compute it in __init__, keep it in an attribute, and return that",
        )


def _unrepeatable(context: Context, receivers: Receivers, unit: Unit, seen: set[Unit]) -> tuple[Any, str] | None:
    seen.add(unit)
    for node in unit.of(ast.Attribute):
        if not isinstance(node.ctx, ast.Load) and receivers.own_class(unit, node.value) is not None:
            return node, "changes the entity"
    for call in sorted(unit.of(ast.Call), key=lambda c: (c.lineno, c.col_offset)):
        called = _called(context, receivers, unit, call)
        if replacement(call.func, unit.names) is not None or unit.names.canonical(call.func) in _UNREPEATABLE:
            return call, "asks for what a repeat would answer otherwise"
        if called is not None and called not in seen and (inside := _unrepeatable(context, receivers, called, seen)) is not None:
            return call, inside[1]
    return None


def _called(context: Context, receivers: Receivers, unit: Unit, call: ast.Call) -> Unit | None:
    """Return the function of the user that a call certainly runs; None for all others."""
    own = receivers.own_class(unit, call.func.value) if isinstance(call.func, ast.Attribute) else None
    value = member_of(own, unit.mangled(call.func.attr)) if own is not None else unit.names.value(call.func)  # type: ignore[attr-defined]
    functions = unwrap(value) if not isinstance(value, property) else []
    return context.unit(functions[0][0]) if functions else None


def check_key_stays(context: Context, receivers: Receivers) -> None:
    """Warn where a method assigns an attribute that `__key__` reads."""
    for cls in context.entities:
        key = context.unit(member_of(cls, "__key__"))
        if key is None:
            continue
        parts = {n.attr for n in key.of(ast.Attribute) if isinstance(n.value, ast.Name) and n.value.id == key.self_name}
        for unit, node in _assignments(context, cls):
            if node.attr in parts:
                context.report_name(
                    "SF407",
                    unit,
                    node,
                    f"`{unit.name}` assigns `{node.attr}`, which `__key__` reads",
                    why="the key is set once, at creation; a method that changes it raises KeyChanged (SF503) and is undone",
                    fix="create a new entity and delete the old one, or make the key of what never changes",
                )


def _assignments(context: Context, cls: type) -> Iterator[tuple[Unit, ast.Attribute]]:
    for unit in context.units:
        if unit.owner in cls.__mro__ and unit.source.function.__name__ not in _SETTERS:
            for node in unit.of(ast.Attribute):
                if isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name) and node.value.id == unit.self_name:
                    yield unit, node


def check_init(context: Context, receivers: Receivers) -> None:
    """Refuse an `__init__` that does not run to its end when it is called."""
    for cls in context.entities:
        function: Any = member_of(cls, "__init__")
        unit = context.unit(function)
        if unit is not None and (inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function)):
            context.report(
                "SF114",
                unit,
                _name_span(unit.node),
                f"`{unit.name}` is {'asynchronous' if inspect.iscoroutinefunction(function) else 'a generator'}",
                why="Python calls __init__ and requires that it returns None",
                fix="set the attributes in a plain __init__, and call other entities in a method",
            )


def _yields(unit: Unit) -> bool:
    return inspect.isgeneratorfunction(unit.source.function)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _name_span(node: Any) -> ast.AST:
    if isinstance(node, ast.Lambda):
        return node
    start = node.col_offset + len("async def " if isinstance(node, ast.AsyncFunctionDef) else "def ")
    return ast.Pass(lineno=node.lineno, col_offset=start, end_lineno=node.lineno, end_col_offset=start + len(node.name))
