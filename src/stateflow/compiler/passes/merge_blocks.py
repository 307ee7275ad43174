"""Join a block to the one block that jumps to it.

Before: L0: a = 1; jump L1; L1: b = 2; return b
After:  L0: a = 1; b = 2; return b

Both have the same handler, the same killed variables and the same depth, and nothing else leads to the second. Evaluation order: the
second followed the first in any case. Later passes may assume that a jump leads to a block with several predecessors or other
surroundings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateflow.compiler.ir import Jump

if TYPE_CHECKING:
    from stateflow.compiler.ir import Block, FunctionIR

__all__ = ["count_entries", "merge_blocks"]


def merge_blocks(function: FunctionIR) -> None:
    """Join each block to its only predecessor where that jumps to it."""
    entries = count_entries(function)
    for label in list(function.blocks):
        block = function.blocks.get(label)
        while block is not None and (following := _only_follower(function, block, entries)) is not None:
            block.instructions += following.instructions
            block.terminator = following.terminator
            del function.blocks[following.label]


def count_entries(function: FunctionIR) -> dict[int, int]:
    """Return the number of ways into each block."""
    entries = dict.fromkeys(function.blocks, 0)
    entries[next(iter(function.blocks))] = 1
    for block in function.blocks.values():
        for label in block.successors():
            entries[label] += 1
        if block.handler is not None:
            entries[block.handler] += 1
    return entries


def _only_follower(function: FunctionIR, block: Block, entries: dict[int, int]) -> Block | None:
    match block.terminator:
        case Jump(target) if entries[target] == 1 and target != block.label:
            following = function.blocks[target]
            same = (following.handler, following.killed, following.depth) == (block.handler, block.killed, block.depth)
            return following if same else None
    return None
