"""The names that generated code is given beside the user's own; all begin with a dot, which no source can write."""

from __future__ import annotations

import ast

from stateflow.compiler.trees import copy_place, walk

__all__ = [
    "EXCEPTION", "TX", "call", "cell_name", "constant", "load", "located", "operation", "store", "support",
]  # fmt: skip

TX = ".tx"
EXCEPTION = ".exception"


def located(node: ast.AST, at: ast.AST) -> ast.AST:
    """Give a new node, and the new nodes in it, the place of the user's node `at`."""
    line = getattr(at, "lineno", 1)
    for child in walk(node):
        if "lineno" in child._attributes and not hasattr(child, "lineno"):
            copy_place(child, at) if hasattr(at, "lineno") else ast.fix_missing_locations(child)
            child.lineno = getattr(child, "lineno", line)
    return node


def load(name: str, at: ast.AST) -> ast.Name:
    """Return an expression that loads a name."""
    return copy_place(ast.Name(name, ast.Load()), at)


def store(name: str, at: ast.AST) -> ast.Name:
    """Return a target that stores a name."""
    return copy_place(ast.Name(name, ast.Store()), at)


def constant(value: object, at: ast.AST) -> ast.Constant:
    """Return a literal."""
    return copy_place(ast.Constant(value), at)  # type: ignore[arg-type]


def call(function: ast.expr, arguments: list[ast.expr], at: ast.AST, keywords: list[ast.keyword] | None = None) -> ast.Call:
    """Return a call."""
    return copy_place(ast.Call(function, arguments, keywords or []), at)


def support(name: str, arguments: list[ast.expr], at: ast.AST) -> ast.Call:
    """Return a call of a support function, such as `.matches(exception, types)`."""
    return call(load(f".{name}", at), arguments, at)


def operation(name: str, arguments: list[ast.expr], at: ast.AST, keywords: list[ast.keyword] | None = None) -> ast.Call:
    """Return a call of the transaction, such as `.tx.get_attribute(item, "price")`."""
    return call(copy_place(ast.Attribute(load(TX, at), name, ast.Load()), at), arguments, at, keywords)


def cell_name(name: str) -> str:
    """Return the name of the variable that holds the cell of a captured variable."""
    return f".cell.{name}"
