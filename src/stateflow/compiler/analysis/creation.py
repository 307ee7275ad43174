"""What every new object of a class has: the fields that its `__init__` sets on each path, and their values where the source tells them."""

from __future__ import annotations

import ast
import dataclasses
from typing import TYPE_CHECKING, Any

from stateflow.compiler.analysis.defaults import NotIndependent, independent_value, parameter_defaults

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from stateflow.compiler.program import Program
    from stateflow.compiler.unit import FunctionUnit

    Made = dict[str, "Callable[[], Any] | None"]

__all__ = ["created_fields"]

_UNKNOWN = object()
_DEPTH = 20
_FACTORIES = frozenset({list, dict, set})


def created_fields(cls: type, program: Program) -> Made:
    """Return the fields that `__init__` always sets, each with what makes its value; None where that depends on arguments.

    Args:
        cls: an entity class.
        program: the analysed program.
    """
    found: Made = {}
    if dataclasses.is_dataclass(cls):
        _dataclass_fields(cls, found)
        unit = program.unit_of(program.member(cls, "__post_init__"))
    else:
        unit = program.unit_of(program.member(cls, "__init__"))
    if unit is not None:
        _Walk(cls, program, found).function(unit, _own_variables(unit), 0)
    return found


def _dataclass_fields(cls: type, found: Made) -> None:
    for field in dataclasses.fields(cls):
        factory: Any = field.default_factory
        if factory is not dataclasses.MISSING:
            found[field.name] = factory if factory in _FACTORIES else None
        elif field.init and field.default is dataclasses.MISSING:
            found[field.name] = None


def _own_variables(unit: FunctionUnit) -> dict[str, Any]:
    hidden = dict.fromkeys((*unit.scope.bound, *unit.scope.free), _UNKNOWN)
    return {**hidden, **(parameter_defaults(unit.function) if unit.function else {})}


class _Walk:
    """Reads the statements that a creation always runs, in their order; the last assignment of a field counts."""

    def __init__(self, cls: type, program: Program, found: Made) -> None:
        self.cls = cls
        self.program = program
        self.found = found

    def function(self, unit: FunctionUnit, variables: Mapping[str, Any], depth: int) -> None:
        arguments = (*unit.node.args.posonlyargs, *unit.node.args.args)
        if arguments and depth < _DEPTH and not isinstance(unit.node, ast.Lambda):
            self._statements(unit, unit.node.body, variables, arguments[0].arg, depth)

    def _statements(self, unit: FunctionUnit, body: list[ast.stmt], variables: Mapping[str, Any], own: str, depth: int) -> None:
        for statement in body:
            match statement:
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        self._assign(unit, target, value, variables, own)
                case ast.AnnAssign(target=target, value=ast.expr() as value):
                    self._assign(unit, target, value, variables, own)
                case ast.Expr(value=ast.Call() as call):
                    self._call(unit, call, variables, own, depth)
                case ast.With(body=inner):
                    self._statements(unit, inner, variables, own, depth)
                case ast.If(body=inner, orelse=orelse) if orelse:
                    self._branches(unit, (inner, orelse), variables, own, depth)
            if _may_return(statement, unit):
                return

    def _branches(self, unit: FunctionUnit, bodies: tuple[list[ast.stmt], ...], variables: Mapping[str, Any], own: str, depth: int) -> None:
        """Take what all branches set; which value it has depends on the arguments."""
        parts: list[Made] = []
        for body in bodies:
            part: Made = {}
            _Walk(self.cls, self.program, part)._statements(unit, body, variables, own, depth)
            if not (body and isinstance(body[-1], ast.Raise)):
                parts.append(part)
        for name in parts[0] if parts else ():
            if all(name in part for part in parts):
                self.found[name] = parts[0][name] if len(parts) == 1 else None

    def _assign(self, unit: FunctionUnit, target: ast.expr, value: ast.expr, variables: Mapping[str, Any], own: str) -> None:
        match target:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name == own:
                self.found[attribute] = _maker(value, variables, unit.names)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                same = isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(parts)
                for number, part in enumerate(parts):
                    element = value.elts[number] if same else value  # type: ignore[attr-defined]
                    if not (isinstance(part, ast.Starred) or any(isinstance(v, ast.Starred) for v in getattr(value, "elts", ()))) and same:
                        self._assign(unit, part, element, variables, own)
                    elif isinstance(part, ast.Attribute):
                        self._assign(unit, part, ast.Yield(), variables, own)

    def _call(self, unit: FunctionUnit, call: ast.Call, variables: Mapping[str, Any], own: str, depth: int) -> None:
        match call.func:
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=name) if unit.owner in self.cls.__mro__:
                bases = self.cls.__mro__[self.cls.__mro__.index(unit.owner) + 1 :]
                member = next((base.__dict__[name] for base in bases if name in base.__dict__), None)
            case ast.Attribute(value=ast.Name(id=receiver), attr=name) if receiver == own:
                member = self.program.member(self.cls, name)
            case _:
                return
        callee = self.program.unit_of(member)
        if callee is not None and not callee.is_generator and not callee.is_async:
            self.function(callee, {**_own_variables(callee), **_arguments(callee, call, variables, unit)}, depth + 1)


def _may_return(statement: ast.stmt, unit: FunctionUnit) -> bool:
    returns = {id(node) for node in unit.nodes if isinstance(node, ast.Return)}
    return bool(returns) and any(id(node) in returns for node in ast.walk(statement))


def _arguments(callee: FunctionUnit, call: ast.Call, variables: Mapping[str, Any], unit: FunctionUnit) -> dict[str, Any]:
    """Return the parameters that a call gives, each with its value or as unknown."""
    arguments = callee.node.args
    positional = [a.arg for a in (*arguments.posonlyargs, *arguments.args)][1:]
    if any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords):
        return dict.fromkeys([*positional, *[a.arg for a in arguments.kwonlyargs]], _UNKNOWN)
    given = [*zip(positional, call.args, strict=False), *[(k.arg or "", k.value) for k in call.keywords]]
    return {name: _value(node, variables, unit.names) for name, node in given}


def _value(node: ast.expr, variables: Mapping[str, Any], names: Mapping[str, Any]) -> Any:
    try:
        return independent_value(node, variables, names)
    except NotIndependent:
        return _UNKNOWN


def _maker(node: ast.expr, variables: Mapping[str, Any], names: Mapping[str, Any]) -> Callable[[], Any] | None:
    if _value(node, variables, names) is _UNKNOWN:
        return None
    return lambda: independent_value(node, variables, names)
