"""Lower `for` and `while` loops that contain a suspension point.

Before: `for item in items: ... else: ...`
After:  `.t1 = iter(items)`; L1: `.t2` = next(.t1), or go to the `else` part; L2: `item = .t2`, the body, jump L1

`break` goes behind the `else` part. The iterator is a temporary like any other: it is live in the body, so it moves with the frame.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from stateflow.compiler.frontend.builder import Loop
from stateflow.compiler.frontend.conditions import lower_condition
from stateflow.compiler.frontend.names import load, operation, support
from stateflow.compiler.ir import Assign, Block, Branch, Operate
from stateflow.compiler.trees import copy_place

if TYPE_CHECKING:
    from stateflow.compiler.frontend.builder import Builder

__all__ = ["enter_loop", "lower_async_for", "lower_for", "lower_while"]


def enter_loop(
    b: Builder, iterator: ast.expr, target: ast.expr, at: ast.expr, *, is_point: bool, operation_name: str = "next"
) -> tuple[Block, Block]:
    """Begin a loop over an iterator: build the head, bind the target; return the head and the block for when it is exhausted."""
    from stateflow.compiler.frontend.assignments import assign

    value = b.temporary()
    head, body, after = b.new_block(), b.new_block(), b.new_block()
    b.jump(head)
    if is_point:
        b.current.terminator = Operate(operation(operation_name, [iterator], at), value, body.label, after.label)
    else:
        b.emit(Assign(value, support("next", [iterator, load(".STOP", at)], at)))
        stopped = copy_place(ast.Compare(load(value, at), [ast.Is()], [load(".STOP", at)]), at)
        b.current.terminator = Branch(stopped, after.label, body.label)
    b.start(body)
    assign(b, target, load(value, target))
    return head, after


def lower_for(b: Builder, node: ast.For) -> None:
    """Lower a `for` loop."""
    from stateflow.compiler.frontend.expressions import lower

    is_point = b.is_point(node)
    iterable = lower(b, node.iter)
    if is_point:
        iterator = b.operate(operation("iterate", [iterable], node.iter))
    else:
        iterator = b.spill(support("iter", [iterable], node.iter))
    _loop(b, node, iterator, is_point=is_point)


def lower_async_for(b: Builder, node: ast.AsyncFor) -> None:
    """Lower an `async for` loop: its items come at once, in order."""
    from stateflow.compiler.frontend.expressions import lower

    iterator = b.operate(operation("iterate_async", [lower(b, node.iter)], node.iter))
    _loop(b, node, iterator, is_point=True, operation_name="next_async")


def _loop(b: Builder, node: ast.For | ast.AsyncFor, iterator: ast.expr, *, is_point: bool, operation_name: str = "next") -> None:
    done = b.new_block()
    head, exhausted = enter_loop(b, iterator, node.target, node.iter, is_point=is_point, operation_name=operation_name)
    b.contexts.append(Loop(done.label, head.label))
    b.statements(node.body)
    b.contexts.pop()
    b.jump(head)
    b.start(exhausted)
    b.statements(node.orelse)
    b.jump(done)


def lower_while(b: Builder, node: ast.While) -> None:
    """Lower a `while` loop."""
    head, body, exhausted, done = b.new_block(), b.new_block(), b.new_block(), b.new_block()
    b.jump(head)
    lower_condition(b, node.test, body.label, exhausted.label, is_point=b.is_point(node))
    b.start(body)
    b.contexts.append(Loop(done.label, head.label))
    b.statements(node.body)
    b.contexts.pop()
    b.jump(head)
    b.start(exhausted)
    b.statements(node.orelse)
    b.jump(done)
