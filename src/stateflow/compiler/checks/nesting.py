"""SF330: syntax that is nested so deep that the compiler could not go down to its end."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from stateflow.compiler.trees import children
from stateflow.limits import NESTED_SYNTAX

if TYPE_CHECKING:
    from stateflow.compiler.checks.context import Context, Unit

__all__ = ["check_nesting"]


def check_nesting(context: Context) -> None:
    """Refuse functions whose syntax is nested deeper than the limit."""
    for unit in context.units:
        found = _too_deep(unit)
        if found is not None:
            context.report(
                "SF330",
                unit,
                found,
                f"`{unit.name}` nests statements or expressions deeper than {NESTED_SYNTAX}",
                why="the compiler follows them level by level; each `elif`, and each term of a long sum, is one inside the one before",
                fix="take the values from a list or dict, as in `sum(values)` or `table[key]`, or move a part into a function",
            )


def _too_deep(unit: Unit) -> ast.AST | None:
    """Return the outermost statement that holds what is too deep; None when nothing is."""
    # Not by recursion, for the same reason.
    level: list[tuple[Any, Any]] = [(unit.node, None)]
    for _ in range(NESTED_SYNTAX):
        level = [(child, top or (child if isinstance(child, ast.stmt) else None)) for node, top in level for child in children(node)]
        if not level:
            return None
    found: ast.AST = next((top for _, top in level if top is not None), unit.node)
    return found
