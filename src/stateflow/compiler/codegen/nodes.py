"""Make nodes that the user did not write. They stand at "no line", so that tracebacks, breakpoints and coverage see the user's lines alone.

One node may stand in many places of a tree that `compile` only reads, so those that recur are made once.
"""

from __future__ import annotations

import ast
import functools
from typing import Any, TypeVar

from stateflow.compiler.trees import walk

__all__ = ["assign", "attribute", "compare", "constant", "go_to", "invoke", "load", "names_tuple", "place", "without_lines"]

T = TypeVar("T", bound=ast.AST)

_LOAD, _STORE = ast.Load(), ast.Store()
_NOWHERE = {"lineno": -1, "end_lineno": -1, "col_offset": -1, "end_col_offset": -1}
_KEPT = 4096


def place(node: T) -> T:
    """Give a new node, not those in it, the place "no line"."""
    node.__dict__.update(_NOWHERE)
    return node


@functools.lru_cache(_KEPT)
def load(name: str) -> ast.Name:
    """Return an expression that loads a name."""
    return place(ast.Name(name, _LOAD))


@functools.lru_cache(_KEPT)
def _store(name: str) -> ast.Name:
    return place(ast.Name(name, _STORE))


@functools.lru_cache(_KEPT, typed=True)
def constant(value: int | bool | None) -> ast.Constant:
    """Return a literal."""
    return place(ast.Constant(value))


@functools.lru_cache(_KEPT)
def names_tuple(names: tuple[str, ...], *, is_target: bool = False) -> ast.expr:
    """Return the tuple of some variables, or the target that unpacks one."""
    if is_target:
        return place(ast.Tuple([_store(n) for n in names], _STORE))
    return place(ast.Tuple([load(n) for n in names], _LOAD))


@functools.lru_cache(_KEPT)
def attribute(owner: str, name: str) -> ast.Attribute:
    """Return an expression that reads an attribute of a variable."""
    return place(ast.Attribute(load(owner), name, _LOAD))


@functools.lru_cache(_KEPT)
def go_to(number: int) -> ast.stmt:
    """Return the statement that makes `number` the program counter."""
    return assign([".pc"], constant(number))


def assign(names: list[str], value: ast.expr) -> ast.stmt:
    """Return the statement that binds each of some variables to a value."""
    return place(ast.Assign([_store(n) for n in names], value))


def compare(name: str, operator: ast.cmpop, other: ast.expr) -> ast.expr:
    """Return the comparison of a variable with a value."""
    return place(ast.Compare(load(name), [operator], [other]))


def invoke(function: ast.expr, arguments: list[ast.expr]) -> ast.expr:
    """Return a call."""
    return place(ast.Call(function, arguments, []))


def without_lines(tree: Any) -> Any:
    """Place all nodes of a tree that have no place yet."""
    node: Any
    for node in walk(tree):
        if "lineno" in node._attributes:
            if getattr(node, "lineno", None) is None:
                place(node)
            elif getattr(node, "end_lineno", None) is None:
                node.end_lineno, node.end_col_offset = node.lineno, node.col_offset
    return tree
