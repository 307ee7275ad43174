"""Make a branch on a literal a jump.

Before: branch True -> L2, else L3
After:  jump L2

Evaluation order: a literal has no effect, and its truth is known. Later passes may assume that every branch tests something.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from stateflow.compiler.ir import Branch, Jump

if TYPE_CHECKING:
    from stateflow.compiler.ir import FunctionIR

__all__ = ["fold_branches"]


def fold_branches(function: FunctionIR) -> None:
    """Make each branch on a literal a jump."""
    for block in function.blocks.values():
        match block.terminator:
            case Branch(ast.Constant(value=value), then, orelse):
                block.terminator = Jump(then if value else orelse)
