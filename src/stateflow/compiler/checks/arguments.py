"""SF205 to SF207: the arguments of calls of other entities and of creations."""

from __future__ import annotations

import ast
import functools
import inspect
import types
from typing import TYPE_CHECKING, Any

from stateflow.compiler.checks.receivers import member_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from stateflow.compiler.checks.context import Context, Unit
    from stateflow.compiler.checks.receivers import Receivers

__all__ = ["check_arguments"]

_NOTHING: Any = object()


def check_arguments(context: Context, receivers: Receivers) -> None:
    """Bind the arguments of each call whose callee is certain, as Python will when it runs."""
    for unit in context.units:
        for call in unit.of(ast.Call):
            created = unit.names.value(call.func)
            if isinstance(created, type) and created in context.entity_set:
                _check_creation(context, unit, call, created)
            elif isinstance(call.func, ast.Attribute):
                _check_method(context, receivers, unit, call, call.func)


def _check_method(context: Context, receivers: Receivers, unit: Unit, call: ast.Call, function: ast.Attribute) -> None:
    cls = receivers.entity_class(unit, function.value) or receivers.own_class(unit, function.value)
    if cls is None or any(function.attr in other.__dict__ for other in context.family(cls) if other is not cls):
        return
    member: Any = member_of(cls, unit.mangled(function.attr))
    bound = not isinstance(member, staticmethod)
    target = member.__func__ if isinstance(member, classmethod | staticmethod) else member
    if not isinstance(target, types.FunctionType) or context.unit(target) is None:
        return
    problem = _problem(target, call, bound=bound)
    if problem:
        context.report(
            "SF205",
            unit,
            call,
            f"`{unit.name}` calls `{cls.__name__}.{function.attr}` with wrong arguments: {problem}",
            why=f"it is defined as {function.attr}{_shown(target, bound=bound)}",
            fix="pass the arguments that it takes",
        )


def _check_creation(context: Context, unit: Unit, call: ast.Call, cls: type) -> None:
    is_open: Any = vars(cls).get("__abstractmethods__", ())
    missing = sorted(is_open)
    if missing:
        context.report(
            "SF207",
            unit,
            call,
            f"`{unit.name}` creates `{cls.__name__}`, which is abstract",
            why=f"it leaves open {', '.join(missing)}",
            fix=f"create a class that derives from {cls.__name__} and defines what is open",
        )
    init: Any = member_of(cls, "__init__")
    metaclass: Any = type(cls)
    has_own_call = any("__call__" in meta.__dict__ for meta in metaclass.__mro__ if meta is not type)
    if has_own_call or not isinstance(init, types.FunctionType):
        return
    problem = _problem(init, call, bound=True)
    if problem:
        context.report(
            "SF206",
            unit,
            call,
            f"`{unit.name}` creates `{cls.__name__}` with wrong arguments: {problem}",
            why=f"it is created as {cls.__name__}{_shown(init, bound=True)}",
            fix="pass the arguments that __init__ takes",
        )


def _problem(function: Callable[..., Any], call: ast.Call, *, bound: bool) -> str | None:
    """Return why a call does not fit; None when it fits, and when stars leave it open."""
    if any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords):
        return None
    arguments = [_NOTHING] * (len(call.args) + bound)
    try:
        _signature(function).bind(*arguments, **{k.arg: _NOTHING for k in call.keywords if k.arg is not None})
    except TypeError as refused:
        return str(refused)
    return None


@functools.lru_cache(4096)
def _signature(function: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(function, follow_wrapped=False)


def _shown(function: Callable[..., Any], *, bound: bool) -> str:
    """Return the parameters as the user wrote them, without `self`."""
    parameters = [p.replace(annotation=p.empty) for p in _signature(function).parameters.values()]
    return str(inspect.Signature(parameters[bound:]))
