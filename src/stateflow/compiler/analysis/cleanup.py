"""Which generators do something when they are dropped half way: they wait for their next value where they would clean up."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from stateflow.compiler.trees import walk

if TYPE_CHECKING:
    from stateflow.compiler.unit import FunctionUnit

__all__ = ["cleans_up"]

_CAUGHT = frozenset({"BaseException", "GeneratorExit"})


def cleans_up(unit: FunctionUnit) -> bool:
    """Tell whether a generator gives a value in a block whose end CPython runs when the generator is dropped there."""
    return unit.is_generator and any(_runs_when_dropped(node) and _gives(node) for node in unit.nodes)


def _runs_when_dropped(node: ast.AST) -> bool:
    if isinstance(node, ast.With):
        return True
    return isinstance(node, ast.Try) and (bool(node.finalbody) or any(map(_catches_exit, node.handlers)))


def _catches_exit(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    names = [n.id for n in walk(handler.type) if isinstance(n, ast.Name)]
    return not _CAUGHT.isdisjoint(names)


def _gives(node: Any) -> bool:
    return any(isinstance(inner, ast.Yield | ast.YieldFrom) for statement in node.body for inner in walk(statement))
