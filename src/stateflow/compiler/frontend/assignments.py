"""Lower assignments, augmented assignments and `del`.

Before: `item.stock -= f(n)`
After:  `.t1 = item` (spilled), operate `.t2 = .tx.get_attribute(.t1, 'stock')`, `.t3 = f(n)`, `.t2 -= .t3`, operate
        `.tx.set_attribute(.t1, 'stock', .t2)`

The right side comes first, then each target from left to right, and in each target its object before its index.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from stateflow.compiler.analysis.dunders import BINARY
from stateflow.compiler.frontend.names import constant, load, operation, store
from stateflow.compiler.ir import Assign, Exec
from stateflow.compiler.trees import copy_place

if TYPE_CHECKING:
    from stateflow.compiler.frontend.builder import Builder

__all__ = ["assign", "lower_annotated", "lower_assign", "lower_augmented", "lower_delete"]


def assign(b: Builder, target: ast.expr, value: ast.expr) -> None:
    """Store a value in a target; a value that is needed more than once must be a temporary."""
    match target:
        case ast.Name(id=name):
            b.assign_name(name, value)
        case _ if not b.must_lower(target):
            b.emit(Exec(copy_place(ast.Assign([b.rewriter.expression(target)], value), target)))
        case ast.Attribute():
            _assign_attribute(b, target, b.spill(value))
        case ast.Subscript():
            _assign_subscript(b, target, b.spill(value))
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            _unpack(b, target, parts, value)


def _assign_attribute(b: Builder, target: ast.Attribute, value: ast.expr) -> None:
    from stateflow.compiler.frontend.expressions import lower

    owner = lower(b, target.value)
    if b.is_point(target):
        b.operate(operation("set_attribute", [owner, constant(target.attr, target), value], target))
    else:
        place = copy_place(ast.Attribute(owner, target.attr, ast.Store()), target)
        b.emit(Exec(copy_place(ast.Assign([place], value), target)))


def _assign_subscript(b: Builder, target: ast.Subscript, value: ast.expr) -> None:
    from stateflow.compiler.frontend.expressions import index_value, lower_operands

    owner, index = lower_operands(b, [target.value, target.slice])
    if b.is_point(target):
        b.operate(operation("set_item", [owner, index_value(index), value], target))
    else:
        place = copy_place(ast.Subscript(owner, index, ast.Store()), target)
        b.emit(Exec(copy_place(ast.Assign([place], value), target)))


def _unpack(b: Builder, target: ast.expr, parts: list[ast.expr], value: ast.expr) -> None:
    names = [b.temporary() for _ in parts]
    places: list[ast.expr] = []
    for part, name in zip(parts, names, strict=True):
        place: ast.expr = store(name, part)
        places.append(copy_place(ast.Starred(place, ast.Store()), part) if isinstance(part, ast.Starred) else place)
    if b.is_point(target):
        starred = next((i for i, part in enumerate(parts) if isinstance(part, ast.Starred)), -1)
        value = b.operate(operation("unpack", [value, constant(len(parts), target), constant(starred, target)], target))
    unpacked = copy_place(ast.Tuple(places, ast.Store()), target)
    b.emit(Exec(copy_place(ast.Assign([unpacked], value), target)))
    for part, name in zip(parts, names, strict=True):
        assign(b, part.value if isinstance(part, ast.Starred) else part, load(name, part))


def lower_assign(b: Builder, node: ast.Assign) -> None:
    """Lower an assignment to one or more targets."""
    from stateflow.compiler.frontend.expressions import lower

    value = lower(b, node.value)
    if len(node.targets) > 1 or b.must_lower(node.targets[0]):
        value = b.spill(value)
    for target in node.targets:
        assign(b, target, value)


def lower_annotated(b: Builder, node: ast.AnnAssign) -> None:
    """Lower an annotated assignment; Python does not evaluate annotations in functions."""
    from stateflow.compiler.frontend.expressions import lower

    if node.value is not None:
        value = lower(b, node.value)
        assign(b, node.target, b.spill(value) if b.must_lower(node.target) else value)


def lower_augmented(b: Builder, node: ast.AugAssign) -> None:
    """Lower an augmented assignment: load the target, evaluate the value, combine in place, store."""
    from stateflow.compiler.frontend.expressions import index_value, lower, lower_operands

    target = node.target
    is_point = b.is_point(node)
    if isinstance(target, ast.Name):
        current = b.spill(b.rewriter.expression(load(target.id, target)))
        b.assign_name(target.id, _combine(b, node, current, lower(b, node.value), is_point=is_point))
        return
    if isinstance(target, ast.Attribute):
        owner = b.spill(lower(b, target.value))
        if b.is_point(target):
            current = b.operate(operation("get_attribute", [owner, constant(target.attr, target)], target))
        else:
            current = b.spill(copy_place(ast.Attribute(owner, target.attr, ast.Load()), target))
        result = _combine(b, node, current, lower(b, node.value), is_point=is_point)
        if b.is_point(target):
            b.operate(operation("set_attribute", [owner, constant(target.attr, target), result], target))
        else:
            place = copy_place(ast.Attribute(owner, target.attr, ast.Store()), target)
            b.emit(Exec(copy_place(ast.Assign([place], result), node)))
        return
    assert isinstance(target, ast.Subscript)
    owner, raw = lower_operands(b, [target.value, target.slice], all_now=not isinstance(target.slice, ast.Slice))
    owner = b.spill(owner)
    index = b.spill(index_value(raw)) if isinstance(raw, ast.Slice) else raw
    remote = not b.inference.of(target.value).is_plain and bool({"__getitem__", "__setitem__"} & b.program.dunders)
    if remote:
        current = b.operate(operation("get_item", [owner, index], target))
    else:
        current = b.spill(copy_place(ast.Subscript(owner, index, ast.Load()), target))
    result = _combine(b, node, current, lower(b, node.value), is_point=is_point)
    if remote:
        b.operate(operation("set_item", [owner, index, result], target))
    else:
        item = copy_place(ast.Subscript(owner, index, ast.Store()), target)
        b.emit(Exec(copy_place(ast.Assign([item], result), node)))


def _combine(b: Builder, node: ast.AugAssign, current: ast.expr, value: ast.expr, *, is_point: bool) -> ast.expr:
    if is_point:
        return b.operate(operation("inplace", [constant(BINARY[type(node.op)], node), current, value], node))
    assert isinstance(current, ast.Name)
    name = b.temporary()
    b.emit(Assign(name, current))
    b.emit(Exec(copy_place(ast.AugAssign(store(name, node), node.op, value), node)))
    return load(name, node)


def lower_delete(b: Builder, node: ast.Delete) -> None:
    """Lower `del`, target by target."""
    from stateflow.compiler.frontend.expressions import index_value, lower, lower_operands

    for target in node.targets:
        if isinstance(target, ast.Attribute) and b.is_point(target):
            owner = lower(b, target.value)
            b.operate(operation("delete_attribute", [owner, constant(target.attr, target)], target))
        elif isinstance(target, ast.Subscript) and b.must_lower(target):
            owner, index = lower_operands(b, [target.value, target.slice])
            if b.is_point(target):
                b.operate(operation("delete_item", [owner, index_value(index)], target))
            else:
                place = copy_place(ast.Subscript(owner, index, ast.Del()), target)
                b.emit(Exec(copy_place(ast.Delete([place]), target)))
        elif isinstance(target, ast.Attribute) and b.must_lower(target):
            place_ = copy_place(ast.Attribute(lower(b, target.value), target.attr, ast.Del()), target)
            b.emit(Exec(copy_place(ast.Delete([place_]), target)))
        else:
            b.emit(Exec(copy_place(ast.Delete([b.rewriter.expression(target)]), target)))
