"""Number the blocks in an order in which they can be read.

Before: L0: jump L7; L7: branch x -> L4, else L2; L2: return 0; L4: jump L2
After:  L0: jump L1; L1: branch x -> L2, else L3; L2: jump L3; L3: return 0

The order is reverse post-order: an edge goes to a higher number unless it closes a loop, the first way of a branch comes before the
second, a handler comes after the blocks that it guards. Evaluation order: only names change. Code generation may assume that labels are
0 to n - 1, in the order of `function.blocks`. This pass comes last.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from stateflow.compiler.ir import Branch, Jump, Operate, Yield

if TYPE_CHECKING:
    from stateflow.compiler.ir import Block, FunctionIR, Terminator

__all__ = ["number_blocks"]


def number_blocks(function: FunctionIR) -> None:
    """Give the blocks labels in reverse post-order."""
    order = _reverse_post_order(function)
    new = {old: label for label, old in enumerate(order)}
    blocks: dict[int, Block] = {}
    for old, label in new.items():
        block = function.blocks[old]
        block.label = label
        if block.handler is not None:
            block.handler = new[block.handler]
        _renumber(block.terminator, new)
        blocks[label] = block
    function.blocks = blocks


def _renumber(terminator: Terminator, new: dict[int, int]) -> None:
    match terminator:
        case Jump():
            terminator.target = new[terminator.target]
        case Branch():
            terminator.then = new[terminator.then]
            terminator.orelse = new[terminator.orelse]
        case Operate() | Yield():
            terminator.next = new[terminator.next]
            if isinstance(terminator, Operate) and terminator.stop is not None:
                terminator.stop = new[terminator.stop]


def _reverse_post_order(function: FunctionIR) -> list[int]:
    """Walk depth first, handlers before successors and later successors before earlier ones, since the order is then reversed."""
    entry = next(iter(function.blocks))
    finished: list[int] = []
    seen = {entry}
    stack = [(entry, _ways(function.blocks[entry]))]
    while stack:
        label, ways = stack[-1]
        while ways:
            following = ways.pop()
            if following not in seen:
                seen.add(following)
                stack.append((following, _ways(function.blocks[following])))
                break
        else:
            finished.append(label)
            stack.pop()
    return finished[::-1]


def _ways(block: Block) -> list[int]:
    """Return where control goes from a block, the first to visit last."""
    ways = block.successors()
    match block.terminator:
        case Branch(ast.Compare(comparators=[ast.Name(id=".STOP")])):
            # The body of a loop comes before what follows the loop.
            ways.reverse()
    return ways if block.handler is None else [*ways, block.handler]
