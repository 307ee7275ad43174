"""Values that follow from the source alone: what a field that `__init__` sets has when nothing else is known.

An expression is *independent* when it is made of constants, parameters with defaults, constants of the module, and calls of Python's own
value types. It is computed here, from the syntax tree, each time anew: two entities never share a list.
"""

from __future__ import annotations

import ast
import builtins
import copy
import datetime as dt
import operator
from collections import Counter, OrderedDict, defaultdict, deque
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from types import ModuleType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from stateflow.protocol.atoms import ATOMS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["NotIndependent", "independent_value", "parameter_defaults"]

_MAKERS: frozenset[Any] = frozenset(
    {bool, int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, deque, OrderedDict, Counter, defaultdict}
    | {Decimal, Fraction, dt.date, dt.datetime, dt.time, dt.timedelta, UUID}
)
_CONTAINERS = frozenset({list, tuple, dict, set, frozenset, bytearray, deque, OrderedDict, Counter})
_NUMBERS = frozenset({int, float, Decimal, Fraction, dt.timedelta, dt.date, dt.datetime})
_LARGEST = 2**63
_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_UNARY: dict[type, Callable[[Any], Any]] = {ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Not: operator.not_}
_COMPARISONS: dict[type, Callable[[Any, Any], bool]] = {
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class NotIndependent(Exception):
    """The value of an expression depends on more than the source."""


def parameter_defaults(function: Any) -> dict[str, Any]:
    """Return the default of each parameter of a function that has one."""
    code = function.__code__
    positional = code.co_varnames[: code.co_argcount]
    defaults = function.__defaults__ or ()
    return {**dict(zip(positional[len(positional) - len(defaults) :], defaults, strict=True)), **(function.__kwdefaults__ or {})}


def independent_value(node: ast.expr, variables: Mapping[str, Any], names: Mapping[str, Any]) -> Any:
    """Return the value of an independent expression, made anew.

    Args:
        node: the expression.
        variables: the known variables; the others of the function must not be among `names`.
        names: the names of the module.

    Raises:
        NotIndependent: the expression depends on more, or its computation fails.
    """
    try:
        return _Evaluator(variables, names).visit(node)
    except NotIndependent:
        raise
    except Exception as error:
        raise NotIndependent(str(error)) from error


class _Evaluator:
    def __init__(self, variables: Mapping[str, Any], names: Mapping[str, Any]) -> None:
        self.variables = variables
        self.names = names

    def visit(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name() | ast.Attribute():
                return self._named(node)
            case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
                kind = {ast.Tuple: tuple, ast.List: list, ast.Set: set}[type(node)]
                return kind(self.visit(part) for part in parts)
            case ast.Dict(keys=keys, values=values) if None not in keys:
                return {self.visit(k): self.visit(v) for k, v in zip(keys, values, strict=True) if k is not None}
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
                return _UNARY[type(op)](self.visit(operand))
            case ast.BinOp(left=left, op=binary, right=right) if type(binary) in _BINARY:
                return _BINARY[type(binary)](_number(self.visit(left)), _number(self.visit(right)))
            case ast.BoolOp() | ast.Compare() | ast.IfExp():
                return self._choice(node)
            case ast.Call(func=function, args=args, keywords=keywords):
                return self._made(function, args, keywords)
        raise NotIndependent(ast.unparse(node))

    def _choice(self, node: ast.BoolOp | ast.Compare | ast.IfExp) -> Any:
        match node:
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.visit(body if self.visit(test) else orelse)
            case ast.BoolOp(op=op, values=values):
                for part in values:
                    value = self.visit(part)
                    if bool(value) is isinstance(op, ast.Or):
                        break
                return value
            case ast.Compare(left=left, ops=[comparison], comparators=[right]) if type(comparison) in _COMPARISONS:
                return _COMPARISONS[type(comparison)](self.visit(left), self.visit(right))
        raise NotIndependent(ast.unparse(node))

    def _named(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Name) and node.id in self.variables:
            return _fresh(self.variables[node.id])
        return _fresh(self._global(node))

    def _global(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Name) and node.id not in self.variables:
            return self.names[node.id] if node.id in self.names else getattr(builtins, node.id)
        if isinstance(node, ast.Attribute):
            owner = self._global(node.value)
            if isinstance(owner, ModuleType | type):
                return getattr(owner, node.attr)
        raise NotIndependent(ast.unparse(node))

    def _made(self, function: ast.expr, args: list[ast.expr], keywords: list[ast.keyword]) -> Any:
        maker = self._global(function)
        if maker not in _MAKERS or any(keyword.arg is None for keyword in keywords):
            raise NotIndependent(ast.unparse(function))
        if maker is defaultdict:
            args, factory = args[1:], self._global(args[0]) if args else None
            if factory is not None and factory not in _MAKERS:
                raise NotIndependent(ast.unparse(function))
            return defaultdict(factory, *map(self.visit, args))
        return maker(*map(self.visit, args), **{k.arg: self.visit(k.value) for k in keywords if k.arg is not None})


def _fresh(value: Any) -> Any:
    """Return a constant itself, and a copy of a container of constants."""
    _check_constant(value)
    return copy.deepcopy(value) if type(value) in _CONTAINERS else value


def _check_constant(value: Any) -> None:
    if type(value) in ATOMS or isinstance(value, Enum):
        return
    if type(value) not in _CONTAINERS:
        raise NotIndependent(repr(value))
    for part in (*value, *value.values()) if isinstance(value, dict) else value:
        _check_constant(part)


def _number(value: Any) -> Any:
    # No text: "a" * 10**9 would be huge.
    if type(value) not in _NUMBERS or (type(value) is int and abs(value) > _LARGEST):
        raise NotIndependent(repr(value))
    return value
