"""Remove what control never reaches: the rest of a block behind `raise`, and whole blocks.

Before: L0: raise KeyError(k); jump L1; L1: return 1
After:  L0: raise KeyError(k); unreachable

A handler is reached from the blocks that it guards. Evaluation order: what never runs has no place in it. Later passes may assume that
every block is reachable, and that `unreachable` stands behind `raise` only.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from stateflow.compiler.ir import Exec, Unreachable

if TYPE_CHECKING:
    from stateflow.compiler.ir import Block, FunctionIR, Instruction

__all__ = ["ends_in_raise", "reachable", "remove_unreachable"]


def remove_unreachable(function: FunctionIR) -> None:
    """Remove each instruction and block that no path from the entry reaches."""
    for block in function.blocks.values():
        position = next((n for n, i in enumerate(block.instructions) if _raises(i)), None)
        if position is not None:
            del block.instructions[position + 1 :]
            block.terminator = Unreachable()
    kept = reachable(function)
    if len(kept) < len(function.blocks):
        function.blocks = {label: block for label, block in function.blocks.items() if label in kept}


def _raises(instruction: Instruction) -> bool:
    return isinstance(instruction, Exec) and isinstance(instruction.statement, ast.Raise)


def ends_in_raise(block: Block) -> bool:
    """Tell whether control cannot come to the end of a block, because it raises before."""
    return bool(block.instructions) and _raises(block.instructions[-1])


def reachable(function: FunctionIR) -> set[int]:
    """Return the labels of the blocks that paths from the entry reach, exceptions included."""
    found: set[int] = set()
    waiting = [next(iter(function.blocks))]
    while waiting:
        label = waiting.pop()
        if label in found:
            continue
        found.add(label)
        block = function.blocks[label]
        waiting += block.successors()
        if block.handler is not None:
            waiting.append(block.handler)
    return found
