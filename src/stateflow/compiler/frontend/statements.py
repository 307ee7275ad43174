"""Lower statements. One that contains no suspension point stays native."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from stateflow.compiler.frontend import assignments, loops, patterns, protection
from stateflow.compiler.frontend.conditions import lower_condition
from stateflow.compiler.frontend.names import call, constant, load
from stateflow.compiler.ir import Assign, Exec, Return
from stateflow.compiler.scope import FUNCTIONS
from stateflow.compiler.trees import children, copy_place

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stateflow.compiler.frontend.builder import Builder

__all__ = ["lower_statements"]


def lower_statements(b: Builder, statements: Sequence[ast.stmt]) -> None:
    """Lower statements in order."""
    for statement in statements:
        kind = type(statement)
        if kind in ALWAYS or b.must_lower(statement) or _escapes(b, statement):
            LOWERINGS[kind](b, statement)
        else:
            b.emit(Exec(b.rewriter.statement(statement)))


def _escapes(b: Builder, statement: ast.stmt) -> bool:
    """Tell whether a native statement would jump out to something that is lowered."""
    return any(_jumps_out(child, in_loop=False, has_cleanup=b.innermost_cleanup() is not None) for child in [statement])


def _jumps_out(node: ast.AST, *, in_loop: bool, has_cleanup: bool) -> bool:
    if isinstance(node, ast.Return):
        return has_cleanup
    if isinstance(node, ast.Break | ast.Continue):
        return not in_loop
    if isinstance(node, (*FUNCTIONS, ast.expr)):
        return False
    if isinstance(node, ast.For | ast.While | ast.AsyncFor):
        return any(_jumps_out(n, in_loop=True, has_cleanup=has_cleanup) for n in node.body) or any(
            _jumps_out(n, in_loop=in_loop, has_cleanup=has_cleanup) for n in node.orelse
        )
    return any(_jumps_out(n, in_loop=in_loop, has_cleanup=has_cleanup) for n in children(node))


def _expression(b: Builder, node: ast.Expr) -> None:
    from stateflow.compiler.frontend.expressions import lower

    value = lower(b, node.value)
    if not isinstance(value, ast.Name | ast.Constant):
        b.emit(Exec(copy_place(ast.Expr(value), node)))


def _return(b: Builder, node: ast.Return) -> None:
    from stateflow.compiler.frontend.expressions import lower

    value = lower(b, node.value) if node.value is not None else constant(None, node)
    cleanup = b.innermost_cleanup()
    if cleanup is None:
        b.terminate(Return(value))
    else:
        # The value is evaluated before anything on the way out happens.
        b.emit(Assign(cleanup.returned, value))
        b.leave("return", None, node, load(cleanup.returned, node))


def _if(b: Builder, node: ast.If) -> None:
    then, orelse, after = b.new_block(), b.new_block(), b.new_block()
    lower_condition(b, node.test, then.label, orelse.label, is_point=b.is_point(node))
    b.start(then)
    b.statements(node.body)
    b.jump(after)
    b.start(orelse)
    b.statements(node.orelse)
    b.jump(after)


def _break(b: Builder, node: ast.Break) -> None:
    b.leave("break", b.innermost_loop(), node)


def _continue(b: Builder, node: ast.Continue) -> None:
    b.leave("continue", b.innermost_loop(), node)


def _raise(b: Builder, node: ast.Raise) -> None:
    from stateflow.compiler.frontend.expressions import lower_operands

    parts = [p for p in (node.exc, node.cause) if p is not None]
    values = lower_operands(b, parts)
    b.emit(Exec(copy_place(ast.Raise(*values), node)))


def _assert(b: Builder, node: ast.Assert) -> None:
    from stateflow.compiler.frontend.expressions import lower

    failed, passed = b.new_block(), b.new_block()
    lower_condition(b, node.test, passed.label, failed.label, is_point=b.is_point(node))
    b.start(failed)
    arguments = [lower(b, node.msg)] if node.msg is not None else []
    error = call(load(".AssertionError", node), arguments, node)
    b.emit(Exec(copy_place(ast.Raise(error, None), node)))
    b.start(passed)


def _function(b: Builder, node: Any) -> None:
    from stateflow.compiler.frontend.expressions import lower, lower_operands
    from stateflow.compiler.frontend.rewrite import make_function

    decorators = [b.spill(lower(b, d)) for d in node.decorator_list]
    given = [d for d in node.args.kw_defaults if d is not None]
    values = lower_operands(b, [*node.args.defaults, *given])
    defaults, rest = values[: len(node.args.defaults)], iter(values[len(node.args.defaults) :])
    value = make_function(b, node, defaults, [next(rest) if d is not None else None for d in node.args.kw_defaults])
    for decorator in reversed(decorators):
        value = call(decorator, [value], node)
    b.assign_name(node.name, value)


def _import(b: Builder, node: ast.Import | ast.ImportFrom) -> None:
    for alias in node.names:
        name = alias.asname or alias.name.split(".")[0]
        temporary = b.temporary()
        parts: Any = copy_place(ast.alias(alias.name, temporary), alias)
        if isinstance(node, ast.Import) and alias.asname is None and "." in alias.name:
            b.emit(Exec(copy_place(ast.Import([copy_place(ast.alias(alias.name, None), alias)]), node)))
            parts = copy_place(ast.alias(name, temporary), alias)
        statement: ast.stmt = (
            ast.Import([parts]) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, [parts], node.level)
        )
        b.emit(Exec(copy_place(statement, node)))
        b.assign_name(name, load(temporary, node))


def _nothing(b: Builder, node: ast.stmt) -> None:
    """Declarations have no effect when they run."""


ALWAYS = (ast.Return, ast.Break, ast.Continue, ast.FunctionDef, ast.AsyncFunctionDef, ast.Global, ast.Nonlocal)

LOWERINGS: dict[type[ast.stmt], Callable[[Builder, Any], None]] = {
    ast.AnnAssign: assignments.lower_annotated,
    ast.Assert: _assert,
    ast.Assign: assignments.lower_assign,
    ast.AsyncFor: loops.lower_async_for,
    ast.AsyncFunctionDef: _function,
    ast.AsyncWith: protection.lower_with,
    ast.AugAssign: assignments.lower_augmented,
    ast.Break: _break,
    ast.Continue: _continue,
    ast.Delete: assignments.lower_delete,
    ast.Expr: _expression,
    ast.For: loops.lower_for,
    ast.FunctionDef: _function,
    ast.Global: _nothing,
    ast.If: _if,
    ast.Import: _import,
    ast.ImportFrom: _import,
    ast.Match: patterns.lower_match,
    ast.Nonlocal: _nothing,
    ast.Raise: _raise,
    ast.Return: _return,
    ast.Try: protection.lower_try,
    ast.While: loops.lower_while,
    ast.With: protection.lower_with,
}

