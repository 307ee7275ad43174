"""The rules of the verifier on the native syntax inside instructions."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stateflow.compiler.ir.operations import FunctionIR, Operate

__all__ = ["OPERATIONS", "name_faults", "operation_faults", "syntax_faults"]

# The operations of a transaction that may suspend.
OPERATIONS = frozenset({
    "async_enter", "async_exit", "await_", "binary", "call", "call_method", "compare", "contains", "delete_attribute",
    "delete_item", "enter_manager", "exit_manager", "format", "get_attribute", "get_item", "get_method", "inplace", "iterate",
    "iterate_async", "match_attribute", "next", "next_async", "send", "set_attribute", "set_item", "stop_value", "truth", "unary", "unpack",
})  # fmt: skip
STOPPING = frozenset({"next", "next_async", "send"})
SUSPENDING = (ast.Await, ast.Yield, ast.YieldFrom, ast.AsyncFor, ast.AsyncWith)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
LOOPS = (ast.For, ast.While)


def operation_faults(terminator: Operate) -> Iterator[str]:
    """Yield what is wrong with the call of a suspension point."""
    name = _operation(terminator.call)
    if name is None:
        yield "operate on what is no operation of the transaction"
    elif name not in OPERATIONS:
        yield f"operate on the unknown operation {name}"
    elif (terminator.stop is not None) != (name in STOPPING):
        yield f"{name} {'needs' if name in STOPPING else 'has no use for'} a way to go on when an iterator is exhausted"


def _operation(node: ast.AST) -> str | None:
    """Return the operation that a call is of; None when it is of something else."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=".tx"), attr=name)):
            return name
    return None


def syntax_faults(root: ast.AST) -> Iterator[str]:
    """Yield the syntax that cannot stand inside an instruction."""
    for node in ast.walk(root):
        if isinstance(node, SUSPENDING) or (isinstance(node, ast.comprehension) and node.is_async):
            yield f"{type(node).__name__} inside an instruction"
        elif isinstance(node, FUNCTIONS):
            yield f"{type(node).__name__} inside an instruction, which is not made over cells"
        elif (name := _operation(node)) is not None and name in OPERATIONS:
            yield f"the operation {name} inside an instruction"
        if "lineno" in node._attributes and not hasattr(node, "lineno"):
            yield f"{type(node).__name__} without a line"
    if _has_loose_jump(root, in_loop=False):
        yield "break or continue without its loop"


def _has_loose_jump(node: ast.AST, *, in_loop: bool) -> bool:
    if isinstance(node, ast.Break | ast.Continue):
        return not in_loop
    if isinstance(node, ast.expr):
        return False
    if isinstance(node, LOOPS):
        inside = any(_has_loose_jump(n, in_loop=True) for n in node.body)
        return inside or any(_has_loose_jump(n, in_loop=in_loop) for n in node.orelse)
    return any(_has_loose_jump(n, in_loop=in_loop) for n in ast.iter_child_nodes(node))


def name_faults(root: ast.AST, function: FunctionIR, depth: int) -> Iterator[str]:
    """Yield the names that cannot stand in a block of this depth."""
    captured = {*function.cells, *function.free}
    made = {id(n) for call in ast.walk(root) if _makes_cell(call) for n in ast.walk(call)}
    for node in ast.walk(root):
        if isinstance(node, ast.Name) and node.id == ".exception" and depth == 0:
            yield ".exception where none is being handled"
        if id(node) not in made:
            yield from (f"the captured variable {name} beside its cell" for name in _names(node) if name in captured)


def _makes_cell(node: ast.AST) -> bool:
    """Tell whether a node puts a parameter into its cell."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == ".new_cell"


def _names(node: ast.AST) -> list[str]:
    match node:
        case ast.Name(id=name):
            return [name]
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return [name]
        case ast.MatchMapping(rest=str(name)):
            return [name]
        case ast.alias(name=name, asname=alias):
            return [alias or name.split(".")[0]]
    return []
