"""Lower comprehensions and generators that suspend.

Before: `[i.price for i in items if i.stock]`
After:  `.t1 = []`, a loop over `items` with a branch on `.t3`, `.t1.append(.t4)`

A list, set or dict comprehension becomes loops in place. A generator expression becomes a generator of its own, made over the iterator of
its first clause, which Python evaluates at once.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from stateflow.compiler.frontend.conditions import lower_condition
from stateflow.compiler.frontend.loops import enter_loop
from stateflow.compiler.frontend.names import TX, call, constant, load, operation, support
from stateflow.compiler.frontend.rewrite import make_function
from stateflow.compiler.ir import Assign, Exec, Jump, Operate, Return, Yield
from stateflow.compiler.trees import copy_place, walk

if TYPE_CHECKING:
    from collections.abc import Callable

    from stateflow.compiler.frontend.builder import Builder

__all__ = ["delegate", "lower_eager", "lower_generator_body", "lower_lazy"]

EMPTY: dict[type[ast.expr], Callable[[], ast.expr]] = {
    ast.ListComp: lambda: ast.List([], ast.Load()),
    ast.SetComp: lambda: ast.Call(ast.Name(".set", ast.Load()), [], []),
    ast.DictComp: lambda: ast.Dict([], []),
}


def lower_eager(b: Builder, node: Any) -> ast.expr:
    """Lower a list, set or dict comprehension to loops."""
    from stateflow.compiler.frontend.expressions import lower_operands

    result = b.temporary()
    first = _iterator(b, node.generators[0])
    b.emit(Assign(result, ast.fix_missing_locations(copy_place(EMPTY[type(node)](), node))))
    _fresh_cells(b, node)

    def element() -> None:
        if isinstance(node, ast.DictComp):
            key, value = lower_operands(b, [node.key, node.value], all_now=True)
            target = copy_place(ast.Subscript(load(result, node), key, ast.Store()), node)
            b.emit(Exec(copy_place(ast.Assign([target], value), node)))
            return
        (value,) = lower_operands(b, [node.elt])
        method = "append" if isinstance(node, ast.ListComp) else "add"
        function = copy_place(ast.Attribute(load(result, node), method, ast.Load()), node)
        b.emit(Exec(copy_place(ast.Expr(call(function, [value], node)), node)))

    _clauses(b, node.generators, first, element, is_point=b.is_point(node.generators[0]))
    return load(result, node)


def _iterator(b: Builder, clause: ast.comprehension) -> ast.expr:
    from stateflow.compiler.frontend.expressions import lower

    iterable = lower(b, clause.iter)
    if b.is_point(clause):
        return b.operate(operation("iterate", [iterable], clause.iter))
    return b.spill(support("iter", [iterable], clause.iter))


def _fresh_cells(b: Builder, node: Any) -> None:
    """Give captured targets cells of this evaluation: each evaluation has variables of its own."""
    for clause in node.generators:
        for target in walk(clause.target):
            if isinstance(target, ast.Name) and target.id in b.unit.scope.cells:
                b.emit(Assign(f".cell.{target.id}", support("new_cell", [], node)))


def _clauses(
    b: Builder, clauses: list[ast.comprehension], iterator: ast.expr, element: Callable[[], None], *, is_point: bool
) -> None:
    """Build the loops of clauses around `element`; `is_point` says that the outermost iterator may suspend."""
    clause, *others = clauses
    loop, after = enter_loop(b, iterator, clause.target, clause.iter, is_point=is_point)
    for test in clause.ifs:
        following = b.new_block()
        lower_condition(b, test, following.label, loop.label, is_point=id(clause.ifs) in b.points)
        b.start(following)
    if others:
        _clauses(b, others, _iterator(b, others[0]), element, is_point=b.is_point(others[0]))
    else:
        element()
    b.terminate(Jump(loop.label))
    b.start(after)


def lower_lazy(b: Builder, node: ast.GeneratorExp) -> ast.expr:
    """Make a generator object over the iterator of the first clause."""
    from stateflow.compiler.frontend.expressions import lower

    if id(node) not in b.lazy:
        node_copy = copy_place(ast.GeneratorExp(node.elt, node.generators), node)
        first = copy_place(
            ast.comprehension(node.generators[0].target, lower(b, node.generators[0].iter), node.generators[0].ifs, 0), node
        )
        node_copy.generators = [first, *node.generators[1:]]
        return b.rewriter.expression(node_copy)
    iterable = lower(b, node.generators[0].iter)
    if b.program.has_lazy:
        iterator = b.operate(operation("iterate", [iterable], node.generators[0].iter))
    else:
        iterator = b.spill(support("iter", [iterable], node.generators[0].iter))
    function = make_function(b, _as_function(b, node), [], [])
    return support("generator", [load(TX, node), function, iterator], node)


def _as_function(b: Builder, node: ast.GeneratorExp) -> Any:
    function = copy_place(ast.Lambda(generator_arguments(), ast.Constant(None)), node)
    b.unit.children[id(function)] = b.unit.children[id(node)]
    b.kept.append(function)
    return function


def generator_arguments() -> ast.arguments:
    """Return the parameters of a generator expression: the iterator of its first clause."""
    return ast.arguments([], [ast.arg(".0")], None, [], [], None, [])


def lower_generator_body(b: Builder, node: ast.GeneratorExp) -> None:
    """Lower the inside of a generator expression."""
    from stateflow.compiler.frontend.expressions import lower

    def element() -> None:
        value = lower(b, node.elt)
        following = b.new_block()
        b.terminate(Yield(value, None, following.label))
        b.start(following)

    _clauses(b, node.generators, load(".0", node), element, is_point=True)
    b.terminate(Return(constant(None, node)))


def delegate(b: Builder, node: ast.YieldFrom, iterable: ast.expr) -> ast.expr:
    """Lower `yield from`: a loop that yields what the inner iterator gives; its value is what the inner generator returns."""
    iterator = b.spill(b.operate(operation("iterate", [iterable], node)))
    sent, value = b.temporary(), b.temporary()
    b.emit(Assign(sent, constant(None, node)))
    header, body, after = b.new_block(), b.new_block(), b.new_block()
    b.jump(header)
    b.current.terminator = Operate(operation("send", [iterator, load(sent, node)], node), value, body.label, after.label)
    b.start(body)
    b.terminate(Yield(load(value, node), sent, header.label))
    b.start(after)
    result = b.operate(operation("stop_value", [], node))
    return b.spill(result)


