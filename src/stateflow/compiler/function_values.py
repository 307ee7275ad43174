"""Which functions and classes a program uses as values: named without being called, or held by tables, objects and defaults.

Python's own functions run such a value when it is given to them, as `map(TABLE["rule"], orders)` does. So where one of them may suspend, an
argument of which nothing is known may be it.
"""

from __future__ import annotations

import ast
import functools
import types
from collections import deque
from typing import TYPE_CHECKING, Any

from stateflow.compiler.trees import children, walk
from stateflow.compiler.types import resolve_value
from stateflow.core.containment import GETTERS
from stateflow.protocol.held_objects import fields_of
from stateflow.protocol.values import ATOMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["callables_in", "named_values"]

_SEQUENCES = (list, tuple, set, frozenset, deque)
# What takes a class without creating an object of it.
_ASKING = frozenset({"isinstance", "issubclass", "super", "cast"})
_are_atoms = ATOMS.issuperset


def callables_in(value: object, is_user_class: Callable[[type], bool]) -> Iterator[tuple[Any, bool]]:
    """Yield the functions and classes that an object is or holds at any depth, and False; for an object of a user's class that, and True.

    Args:
        value: what a name, an attribute of a class, or a default stands for.
        is_user_class: tells whether the attributes of the objects of a class are looked at.
    """
    pending: list[Any] = [value]
    seen: set[int] = set()
    while pending:
        current = pending.pop()
        kind = type(current)
        if kind in ATOMS or id(current) in seen:
            continue
        seen.add(id(current))
        if kind is types.FunctionType or kind in GETTERS or isinstance(current, type):
            yield current, False
        else:
            if is_user_class(kind):
                yield kind, True
            pending += _parts(current, kind, is_user_class)


def _parts(value: Any, kind: type, is_user_class: Callable[[type], bool]) -> list[Any]:
    if issubclass(kind, _SEQUENCES):
        return [] if _are_atoms(map(type, value)) else list(value)
    if issubclass(kind, dict):
        return [] if _are_atoms(map(type, value.values())) else list(value.values())
    if kind is types.MethodType:
        return [value.__func__, value.__self__]
    if kind is functools.partial:
        return [value.func, *value.args, *value.keywords.values()]
    return [part for _, part in fields_of(value)] if is_user_class(kind) else []


def named_values(root: ast.AST, names: Mapping[str, object]) -> Iterator[tuple[str, Any]]:
    """Yield what a function names without calling it: the last part of each name, and the object, or None where it is not known.

    Annotations, base classes and the classes that `isinstance`, `except` or a pattern asks for are left out: they run nothing.
    """
    silent: set[int] = set()
    for node in walk(root):
        _silence(node, silent)
        if id(node) in silent:
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id, names.get(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield node.attr, resolve_value(node, names)
        elif isinstance(node, ast.ImportFrom) and node.module == "operator":
            yield from ((alias.name, _OPERATOR.get(alias.name)) for alias in node.names)


_OPERATOR = {cls.__name__: cls for cls in GETTERS}


def _silence(node: Any, silent: set[int]) -> None:
    """Note the parts of a node that name a function or class without making a value of it."""
    match node:
        case ast.Call(func=func, args=args):
            # A class of `operator` is a value as soon as it is called: what it makes is a function.
            if not (isinstance(func, ast.Name | ast.Attribute) and _last(func) in _OPERATOR):
                silent.add(id(func))
            if isinstance(func, ast.Name) and func.id in _ASKING:
                silent.update(id(n) for a in args for n in walk(a))
        case ast.Attribute(value=value) if isinstance(value, ast.Name):
            silent.add(id(value))
        case ast.Compare() | ast.Raise():
            silent.update(map(id, children(node)))
        case ast.ExceptHandler(type=found) | ast.MatchClass(cls=found) if found is not None:
            silent.update(map(id, walk(found)))
        case ast.AnnAssign(annotation=found) | ast.arg(annotation=found) if found is not None:
            silent.update(map(id, walk(found)))
        case ast.FunctionDef(returns=found) | ast.AsyncFunctionDef(returns=found) if found is not None:
            silent.update(map(id, walk(found)))
        case ast.ClassDef(bases=bases):
            silent.update(map(id, bases))


def _last(name: ast.Name | ast.Attribute) -> str:
    return name.id if isinstance(name, ast.Name) else name.attr
