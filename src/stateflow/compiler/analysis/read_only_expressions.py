"""What the expressions of a function are, as far as the read-only proof must know."""

from __future__ import annotations

import ast
import types
from typing import TYPE_CHECKING, Any

from stateflow.compiler.analysis import dunders
from stateflow.compiler.analysis.library_effects import IMMUTABLE
from stateflow.compiler.analysis.origins import ATOM, STATE, Form, Origin, Value, container, element, join
from stateflow.compiler.trees import children

if TYPE_CHECKING:
    from collections.abc import Callable

    from stateflow.compiler.analysis.read_only_body import Body

__all__ = ["EXPRESSIONS", "HASHING"]

HASHING = frozenset({"__hash__", "__eq__"})
_SUBSCRIPT = frozenset({"__getitem__", "__index__", "__missing__", "__len__"}) | HASHING
_UNPACKED = frozenset({"keys", "__getitem__"}) | HASHING | dunders.ITERATION


def _of_name(body: Body, node: ast.Name) -> Value:
    if body.is_variable(node.id):
        return body.env.get(node.id, ATOM)
    found, value = body.program.global_value(body.unit, node.id)
    return _of_object(value) if found else STATE


def _of_object(value: object) -> Value:
    return ATOM if type(value) in IMMUTABLE or isinstance(value, type | types.FunctionType) else STATE


def _of_attribute(body: Body, node: ast.Attribute) -> Value:
    fixed = body.resolve(node)
    if fixed is not None:
        return _of_object(fixed)
    owner = body.of(node.value)
    return join(element(owner) if owner.itself is Origin.FRESH else STATE, body.closed.call_getters(body, node, owner))


def _of_subscript(body: Body, node: ast.Subscript) -> Value:
    owner, index = body.of(node.value), body.of(node.slice)
    given = body.call_dunders(node, _SUBSCRIPT, owner, index)
    if isinstance(node.slice, ast.Slice):
        return join(owner._replace(itself=Origin.FRESH), given)
    return join(element(owner), given)


def _of_binop(body: Body, node: ast.BinOp) -> Value:
    operands, result = body.operate(node, (node.left, node.right))
    if isinstance(node.op, ast.Mod):
        result = join(result, body.call_dunders(node, dunders.TEXT, *operands))
    return result if all(o.form is Form.ATOM for o in operands) else join(result, container(*operands)._replace(form=Form.ANY))


def _of_comparison(body: Body, node: ast.Compare) -> Value:
    operands, given = body.operate(node, (node.left, *node.comparators))
    body.call_dunders(node, HASHING, *operands)
    return given


def _of_unary(body: Body, node: ast.UnaryOp) -> Value:
    (operand,), given = body.operate(node, (node.operand,))
    return ATOM if operand.form is Form.ATOM or isinstance(node.op, ast.Not) else join(container(operand), given)


def _of_conditional(body: Body, node: ast.IfExp) -> Value:
    values, _ = body.operate(node, (node.test, node.body, node.orelse))
    return join(*values[1:])


def _of_logic(body: Body, node: ast.BoolOp) -> Value:
    return join(*body.operate(node, node.values)[0])


def _of_display(body: Body, node: Any) -> Value:
    values = body.of_all(node.elts)
    if isinstance(node, ast.Set):
        body.call_dunders(node, HASHING, *values)
    return container(*values)


def _of_dict(body: Body, node: ast.Dict) -> Value:
    keys, values = body.of_all(node.keys), body.of_all(node.values)
    body.call_dunders(node, _UNPACKED, *keys, *values)
    unpacked = [element(v) for k, v in zip(node.keys, values, strict=True) if k is None]
    return container(*keys, *values, *unpacked)


def _of_comprehension(body: Body, node: Any) -> Value:
    for clause in node.generators:
        body.assign(clause.target, body.iterate(clause.iter, body.of(clause.iter)))
        body.note_syntax(clause)
        body.of_all(clause.ifs)
    values = body.of_all((node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,))
    body.call_dunders(node, HASHING, *values)
    return container(*values)


def _of_walrus(body: Body, node: ast.NamedExpr) -> Value:
    value = body.of(node.value)
    body.assign(node.target, value)
    return value


def _of_text(body: Body, node: Any) -> Value:
    body.of_all(children(node))
    if isinstance(node, ast.FormattedValue):
        body.call_dunders(node, dunders.TEXT, body.of(node.value))
    return ATOM


def _of_lambda(body: Body, node: ast.Lambda) -> Value:
    body.closed.look_inside(body, node)
    return ATOM


def _of_yield(body: Body, node: Any) -> Value:
    value = body.of(node.value) if node.value is not None else ATOM
    body.give(body.iterate(node, value) if isinstance(node, ast.YieldFrom) else value)
    return STATE


def _of_slice(body: Body, node: ast.Slice) -> Value:
    return join(*body.of_all((node.lower, node.upper, node.step)))


def _of_call(body: Body, node: ast.Call) -> Value:
    return body.closed.call(body, node)


EXPRESSIONS: dict[type, Callable[[Body, Any], Value]] = {
    ast.Constant: lambda body, node: ATOM, ast.Name: _of_name, ast.Attribute: _of_attribute, ast.Subscript: _of_subscript,
    ast.BinOp: _of_binop, ast.Compare: _of_comparison, ast.UnaryOp: _of_unary, ast.BoolOp: _of_logic, ast.IfExp: _of_conditional,
    ast.List: _of_display, ast.Tuple: _of_display, ast.Set: _of_display, ast.Dict: _of_dict, ast.ListComp: _of_comprehension,
    ast.SetComp: _of_comprehension, ast.GeneratorExp: _of_comprehension, ast.DictComp: _of_comprehension, ast.NamedExpr: _of_walrus,
    ast.JoinedStr: _of_text, ast.FormattedValue: _of_text, ast.Lambda: _of_lambda, ast.Await: lambda body, node: body.of(node.value),
    ast.Yield: _of_yield, ast.YieldFrom: _of_yield, ast.Slice: _of_slice, ast.Call: _of_call,
    ast.Starred: lambda body, node: body.iterate(node, body.of(node.value)),
}  # fmt: skip
