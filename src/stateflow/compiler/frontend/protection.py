"""Lower `try` and `with` statements that contain a suspension point.

Before: `try: A  except E as e: B  else: C  finally: F`
After:  A's blocks go to a dispatch block on an exception; it tests E, binds `e`, runs B. C is not protected. F is built twice: once
        for every way out without an exception (the way is kept in a temporary), once under the exception, which it raises again.

Blocks of B and of the second F have one more `depth`: they run inside a real `except` clause.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from stateflow.compiler.frontend.assignments import assign
from stateflow.compiler.frontend.builder import Cleanup, Handling
from stateflow.compiler.frontend.names import EXCEPTION, constant, load, operation, support
from stateflow.compiler.ir import Assign, Branch, Jump, Reraise
from stateflow.compiler.trees import copy_place

if TYPE_CHECKING:
    from collections.abc import Callable

    from stateflow.compiler.frontend.builder import Builder

__all__ = ["lower_try", "lower_with"]


def lower_try(b: Builder, node: ast.Try) -> None:
    """Lower a `try` statement."""
    if not node.finalbody:
        _try_except(b, node)
        return

    def body() -> None:
        if node.handlers:
            _try_except(b, node)
        else:
            b.statements(node.body)
            b.statements(node.orelse)

    def on_normal() -> None:
        b.statements(node.finalbody)

    def on_exception() -> None:
        b.statements(node.finalbody)
        b.terminate(Reraise(node))

    _guarded(b, node, body, on_normal, on_exception)


def _guarded(
    b: Builder, node: ast.AST, body: Callable[[], None], on_normal: Callable[[], None], on_exception: Callable[[], None]
) -> None:
    """Build a body with a clean-up on every way out of it."""
    restore = b.protected(b.handler, b.depth + 1, b.killed)
    exceptional = b.new_block()
    restore()
    normal, after = b.new_block(), b.new_block()
    cleanup = Cleanup(normal.label, f".why{normal.label}", f".returned{normal.label}")
    b.contexts.append(cleanup)
    restore = b.protected(exceptional.label, b.depth)
    b.jump(b.new_block())
    body()
    restore()
    b.contexts.pop()
    b.emit(Assign(cleanup.why, constant(0, node)))
    b.jump(normal)
    on_normal()
    _dispatch_exits(b, cleanup, node)
    b.jump(after)
    restore = b.protected(b.handler, b.depth + 1, b.killed)
    b.start(exceptional)
    on_exception()
    restore()
    b.start(after)


def _dispatch_exits(b: Builder, cleanup: Cleanup, node: ast.AST) -> None:
    for number, (kind, loop) in enumerate(cleanup.exits, 1):
        leaving, following = b.new_block(), b.new_block()
        test = copy_place(ast.Compare(load(cleanup.why, node), [ast.Eq()], [constant(number, node)]), node)
        b.terminate(Branch(test, leaving.label, following.label))
        b.start(leaving)
        b.leave(kind, loop, node, load(cleanup.returned, node) if kind == "return" else None)
        b.start(following)


def _try_except(b: Builder, node: ast.Try) -> None:
    restore = b.protected(b.handler, b.depth + 1, b.killed)
    dispatch = b.new_block()
    restore()
    after = b.new_block()
    restore = b.protected(dispatch.label, b.depth)
    b.jump(b.new_block())
    b.statements(node.body)
    restore()
    b.jump(b.new_block())
    b.statements(node.orelse)
    b.jump(after)
    restore = b.protected(b.handler, b.depth + 1, b.killed)
    b.start(dispatch)
    for handler in node.handlers:
        _except(b, handler, after.label)
    b.terminate(Reraise(node))
    restore()
    b.start(after)


def _except(b: Builder, handler: ast.ExceptHandler, after: int) -> None:
    from stateflow.compiler.frontend.expressions import lower

    following = None
    if handler.type is not None:
        body, following = b.new_block(), b.new_block()
        kinds = lower(b, handler.type)
        b.terminate(Branch(support("matches", [load(EXCEPTION, handler), kinds], handler.type), body.label, following.label))
        b.start(body)
    if handler.name in b.rewriter.captured:
        _captured_body(b, handler)
    else:
        _plain_body(b, handler)
    b.terminate(Jump(after))
    if following is not None:
        b.start(following)


def _plain_body(b: Builder, handler: ast.ExceptHandler) -> None:
    """Build the body of an `except` clause; its name is unbound on each way out."""
    name = handler.name
    b.contexts.append(Handling(name))
    restore = b.protected(b.handler, b.depth, (*b.killed, name) if name is not None else b.killed)
    b.jump(b.new_block())
    if name is not None:
        b.assign_name(name, load(EXCEPTION, handler))
    b.statements(handler.body)
    restore()
    b.contexts.pop()
    if name is not None:
        b.unbind(name, handler)


def _captured_body(b: Builder, handler: ast.ExceptHandler) -> None:
    """Build the body of an `except` clause whose name lives in a cell: emptying it takes code on the way of an exception too."""
    name = handler.name
    assert name is not None
    b.assign_name(name, load(EXCEPTION, handler))

    def on_normal() -> None:
        b.unbind(name, handler)

    def on_exception() -> None:
        b.unbind(name, handler)
        b.terminate(Reraise(handler))

    _guarded(b, handler, lambda: b.statements(handler.body), on_normal, on_exception)


def lower_with(b: Builder, node: ast.With | ast.AsyncWith) -> None:
    """Lower a `with` or `async with` statement, item by item."""
    _with_item(b, node, 0)


def _with_item(b: Builder, node: ast.With | ast.AsyncWith, index: int) -> None:
    from stateflow.compiler.frontend.expressions import lower

    if index == len(node.items):
        b.statements(node.body)
        return
    item = node.items[index]
    kind = "async_" if isinstance(node, ast.AsyncWith) else ""
    manager = b.spill(lower(b, item.context_expr))
    b.emit_value(support(f"check_{kind}manager", [manager], item.context_expr))
    is_point = b.is_point(node)
    value = _managed(b, is_point, f"{kind}enter", [manager], item.context_expr)
    value = b.spill(value)

    def body() -> None:
        if item.optional_vars is not None:
            assign(b, item.optional_vars, value)
        _with_item(b, node, index + 1)

    def on_normal() -> None:
        nothing: list[ast.expr] = [constant(None, node)]
        b.emit_value(_managed(b, is_point, f"{kind}exit", [manager, *nothing], item.context_expr))

    after = b.new_block()

    def on_exception() -> None:
        swallowed = _managed(b, is_point, f"{kind}exit", [manager, load(EXCEPTION, node)], item.context_expr)
        reraise = b.new_block()
        b.branch(swallowed, after.label, reraise.label, is_point=is_point)
        b.start(reraise)
        b.terminate(Reraise(node))

    _guarded(b, node, body, on_normal, on_exception)
    b.jump(after)


def _managed(b: Builder, is_point: bool, name: str, arguments: list[ast.expr], at: ast.expr) -> ast.expr:
    if is_point:
        return b.operate(operation(OPERATIONS[name], arguments, at))
    return support(name, arguments, at)


OPERATIONS = {"enter": "enter_manager", "exit": "exit_manager", "async_enter": "async_enter", "async_exit": "async_exit"}
