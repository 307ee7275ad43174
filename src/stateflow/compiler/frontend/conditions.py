"""Lower a condition to branches.

Before: `if ready and item.stock > 0: ...`
After:  branch ready -> L1, L3; L1: operate .t1 = .tx.get_attribute(item, 'stock') -> L2; L2: branch .t1 > 0 -> L4, L3

Only the truth of the whole matters, so the short circuits become edges and no value of the condition is kept.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stateflow.compiler.frontend.builder import Builder

__all__ = ["lower_condition"]


def lower_condition(b: Builder, node: ast.expr, then: int, orelse: int, *, is_point: bool) -> None:
    """End the current block by the truth of `node`; `is_point` says that finding the truth of its value may suspend."""
    from stateflow.compiler.frontend.expressions import lower

    if b.must_lower(node) and isinstance(node, ast.BoolOp):
        _lower_boolean(b, node, then, orelse, is_point=is_point)
    elif b.must_lower(node) and isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        lower_condition(b, node.operand, orelse, then, is_point=b.is_point(node))
    else:
        b.branch(lower(b, node), then, orelse, is_point=is_point)


def _lower_boolean(b: Builder, node: ast.BoolOp, then: int, orelse: int, *, is_point: bool) -> None:
    for index, value in enumerate(node.values):
        if index + 1 == len(node.values):
            lower_condition(b, value, then, orelse, is_point=is_point)
            return
        following = b.new_block()
        targets = (following.label, orelse) if isinstance(node.op, ast.And) else (then, following.label)
        lower_condition(b, value, *targets, is_point=b.is_point(node))
        b.start(following)
