"""Lower expressions that contain a suspension point.

Before: `self.balance + item.price * n`
After:  `.t1 = self.balance; .t2 = operate .tx.get_attribute(item, 'price'); .t1 + .t2 * n`

Operands that Python evaluates before a suspension are spilled to temporaries first, in order; what it evaluates after stays in place.
"""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, Any

from stateflow.compiler.analysis.dunders import BINARY, COMPARE, UNARY
from stateflow.compiler.frontend import comprehensions
from stateflow.compiler.frontend.calls import lower_call
from stateflow.compiler.frontend.conditions import lower_condition
from stateflow.compiler.frontend.names import constant, load, operation, support
from stateflow.compiler.frontend.rewrite import make_function
from stateflow.compiler.ir import Assign, Yield
from stateflow.compiler.trees import copy_place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stateflow.compiler.frontend.builder import Builder

__all__ = ["lower", "lower_operands"]


def lower(b: Builder, node: ast.expr) -> ast.expr:
    """Return a native expression for `node`, to be evaluated right after what has been emitted."""
    if not b.must_lower(node):
        return b.rewriter.expression(node)
    return LOWERINGS[type(node)](b, node)


def lower_operands(b: Builder, nodes: Sequence[ast.expr], *, all_now: bool = False) -> list[ast.expr]:
    """Lower operands in order; those before the last one that suspends are spilled."""
    last = len(nodes) if all_now else max((i for i, n in enumerate(nodes) if b.must_lower(n)), default=-1)
    result = []
    for index, node in enumerate(nodes):
        value = lower(b, node)
        if index >= last:
            result.append(value)
        elif isinstance(value, ast.Starred):
            # The iterable is consumed at once: what is evaluated later may change it.
            spilled = b.spill(support("list", [value.value], node))
            result.append(copy_place(ast.Starred(spilled, ast.Load()), node))
        else:
            result.append(b.spill(value))
    return result


def _attribute(b: Builder, node: ast.Attribute) -> ast.expr:
    owner = lower(b, node.value)
    if b.is_point(node):
        return b.operate(operation("get_attribute", [owner, constant(node.attr, node)], node))
    return copy_place(ast.Attribute(owner, node.attr, ast.Load()), node)


def _binary(b: Builder, node: ast.BinOp) -> ast.expr:
    left, right = lower_operands(b, [node.left, node.right])
    if b.is_point(node):
        return b.operate(operation("binary", [constant(BINARY[type(node.op)], node), left, right], node))
    return copy_place(ast.BinOp(left, node.op, right), node)


def _unary(b: Builder, node: ast.UnaryOp) -> ast.expr:
    operand = lower(b, node.operand)
    if not b.is_point(node):
        return copy_place(ast.UnaryOp(node.op, operand), node)
    if isinstance(node.op, ast.Not):
        return copy_place(ast.UnaryOp(node.op, b.operate(operation("truth", [operand], node))), node)
    return b.operate(operation("unary", [constant(UNARY[type(node.op)], node), operand], node))


def compare(b: Builder, op: ast.cmpop, left: ast.expr, right: ast.expr, at: ast.AST, *, is_point: bool) -> ast.expr:
    """Return one comparison of two values."""
    if is_point and isinstance(op, ast.In | ast.NotIn):
        found = b.operate(operation("contains", [left, right], at))
        return found if isinstance(op, ast.In) else copy_place(ast.UnaryOp(ast.Not(), found), at)
    if is_point and type(op) in COMPARE:
        return b.operate(operation("compare", [constant(COMPARE[type(op)], at), left, right], at))
    return copy_place(ast.Compare(left, [op], [right]), at)


def _compare(b: Builder, node: ast.Compare) -> ast.expr:
    if len(node.ops) == 1:
        left, right = lower_operands(b, [node.left, node.comparators[0]])
        return compare(b, node.ops[0], left, right, node, is_point=b.is_point(node))
    result, after = b.temporary(), b.new_block()
    left = b.spill(lower(b, node.left))
    for index, (op, comparator) in enumerate(zip(node.ops, node.comparators, strict=True)):
        right = b.spill(lower(b, comparator))
        b.emit(Assign(result, compare(b, op, left, right, node, is_point=b.is_point(node))))
        if index + 1 < len(node.ops):
            following = b.new_block()
            b.branch(load(result, node), following.label, after.label, is_point=b.is_point(node))
            b.start(following)
        left = right
    b.jump(after)
    return load(result, node)


def _boolean(b: Builder, node: ast.BoolOp) -> ast.expr:
    result, after = b.temporary(), b.new_block()
    for index, value in enumerate(node.values):
        b.emit(Assign(result, lower(b, value)))
        if index + 1 < len(node.values):
            following = b.new_block()
            goes_on = isinstance(node.op, ast.And)
            then, orelse = (following, after) if goes_on else (after, following)
            b.branch(load(result, value), then.label, orelse.label, is_point=b.is_point(node))
            b.start(following)
    b.jump(after)
    return load(result, node)


def _conditional(b: Builder, node: ast.IfExp) -> ast.expr:
    result, then, orelse, after = b.temporary(), b.new_block(), b.new_block(), b.new_block()
    lower_condition(b, node.test, then.label, orelse.label, is_point=b.is_point(node))
    b.start(then)
    b.emit(Assign(result, lower(b, node.body)))
    b.jump(after)
    b.start(orelse)
    b.emit(Assign(result, lower(b, node.orelse)))
    b.jump(after)
    return load(result, node)


def _subscript(b: Builder, node: ast.Subscript) -> ast.expr:
    owner, index = lower_operands(b, [node.value, node.slice])
    if b.is_point(node):
        return b.operate(operation("get_item", [owner, index_value(index)], node))
    return copy_place(ast.Subscript(owner, index, ast.Load()), node)


def index_value(index: ast.expr) -> ast.expr:
    """Return an index as a value of its own: a slice becomes a call of `slice`."""
    if isinstance(index, ast.Slice):
        parts = [p if p is not None else copy_place(ast.Constant(None), index) for p in (index.lower, index.upper, index.step)]
        return support("slice", parts, index)
    if isinstance(index, ast.Tuple) and any(isinstance(e, ast.Slice) for e in index.elts):
        return copy_place(ast.Tuple([index_value(e) for e in index.elts], ast.Load()), index)
    return index


def _slice(b: Builder, node: ast.Slice) -> ast.expr:
    parts = [p for p in (node.lower, node.upper, node.step) if p is not None]
    values = iter(lower_operands(b, parts))
    new = [next(values) if p is not None else None for p in (node.lower, node.upper, node.step)]
    return copy_place(ast.Slice(*new), node)


def _display(b: Builder, node: Any) -> ast.expr:
    result = copy.copy(node)
    if isinstance(node, ast.Set):
        b.unsized.update(map(id, node.elts))
    result.elts = lower_operands(b, node.elts)
    return result  # type: ignore[no-any-return]


def _starred(b: Builder, node: ast.Starred) -> ast.expr:
    value = lower(b, node.value)
    if b.is_point(node):
        value = b.operate(operation("collect", [value, constant(id(node) not in b.unsized, node)], node))
    return copy_place(ast.Starred(value, ast.Load()), node)


def _dict(b: Builder, node: ast.Dict) -> ast.expr:
    pairs: list[tuple[ast.expr | None, ast.expr]] = []
    for key, value in zip(node.keys, node.values, strict=True):
        if key is None:
            # A mapping that is unpacked is copied when its turn comes: what is evaluated later may change it.
            copied = copy_place(ast.Dict([None], [lower(b, value)]), value)
            pairs.append((None, b.spill(copied)))
        else:
            first, second = lower_operands(b, [key, value], all_now=True)
            pairs.append((first, second))
    return copy_place(ast.Dict([k for k, _ in pairs], [v for _, v in pairs]), node)


def _joined(b: Builder, node: ast.JoinedStr) -> ast.expr:
    values: list[ast.expr] = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            values.append(copy_place(ast.FormattedValue(_formatted(b, part), -1, None), part))
        else:
            values.append(part)
    return copy_place(ast.JoinedStr(values), node)


def _formatted(b: Builder, node: ast.FormattedValue) -> ast.expr:
    # Each part becomes text before the next one is evaluated, as CPython does it.
    spec = node.format_spec
    operands = lower_operands(b, [node.value] + ([spec] if spec is not None else []))
    arguments = [operands[0], constant(node.conversion, node), operands[1] if spec is not None else constant("", node)]
    if b.is_point(node):
        return b.operate(operation("format", arguments, node))
    return b.spill(support("format", arguments, node))


def _named(b: Builder, node: ast.NamedExpr) -> ast.expr:
    value = b.spill(lower(b, node.value))
    b.assign_name(node.target.id, value)
    return value


def _await(b: Builder, node: ast.Await) -> ast.expr:
    return b.operate(operation("await_", [lower(b, node.value)], node))


def _yield(b: Builder, node: ast.Yield) -> ast.expr:
    value = lower(b, node.value) if node.value is not None else constant(None, node)
    name, following = b.temporary(), b.new_block()
    b.terminate(Yield(value, name, following.label))
    b.start(following)
    return load(name, node)


def _yield_from(b: Builder, node: ast.YieldFrom) -> ast.expr:
    return comprehensions.delegate(b, node, lower(b, node.value))


def _function(b: Builder, node: ast.Lambda) -> ast.expr:
    given = [d for d in node.args.kw_defaults if d is not None]
    values = lower_operands(b, [*node.args.defaults, *given])
    defaults, rest = values[: len(node.args.defaults)], iter(values[len(node.args.defaults) :])
    return make_function(b, node, defaults, [next(rest) if d is not None else None for d in node.args.kw_defaults])


LOWERINGS: dict[type[ast.expr], Callable[[Builder, Any], ast.expr]] = {
    ast.Attribute: _attribute,
    ast.Await: _await,
    ast.BinOp: _binary,
    ast.BoolOp: _boolean,
    ast.Call: lower_call,
    ast.Compare: _compare,
    ast.Dict: _dict,
    ast.DictComp: comprehensions.lower_eager,
    ast.GeneratorExp: comprehensions.lower_lazy,
    ast.IfExp: _conditional,
    ast.JoinedStr: _joined,
    ast.Lambda: _function,
    ast.List: _display,
    ast.ListComp: comprehensions.lower_eager,
    ast.NamedExpr: _named,
    ast.Set: _display,
    ast.SetComp: comprehensions.lower_eager,
    ast.Slice: _slice,
    ast.Starred: _starred,
    ast.Subscript: _subscript,
    ast.Tuple: _display,
    ast.UnaryOp: _unary,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
}
