"""Remove the blocks that control never reaches.

Before: L0: return 1; L1: jump L0
After:  L0: return 1

A handler is reached from the blocks that it guards. Evaluation order: what never runs has no place in it. Later passes may assume that
every block is reachable, so that no terminator is `unreachable`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stateflow.compiler.ir import FunctionIR

__all__ = ["reachable", "remove_unreachable"]


def remove_unreachable(function: FunctionIR) -> None:
    """Remove each block that no path from the entry reaches."""
    kept = reachable(function)
    if len(kept) < len(function.blocks):
        function.blocks = {label: block for label, block in function.blocks.items() if label in kept}


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
