"""Let control go at once to where a chain of empty blocks leads.

Before: L0: branch x -> L1, else L2; L1: jump L3
After:  L0: branch x -> L3, else L2; L1: jump L3

Only blocks of one depth are skipped, so each way out of an `except` clause stays where it was. An empty block cannot raise, so its
handler does not matter. Evaluation order: the skipped blocks evaluate nothing. Later passes may assume that no edge leads to an empty
block that only jumps within its depth, endless empty loops aside; the blocks skipped are left for `remove_unreachable`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateflow.compiler.ir import Branch, Jump, Operate, Yield

if TYPE_CHECKING:
    from stateflow.compiler.ir import FunctionIR

__all__ = ["thread_jumps"]


def thread_jumps(function: FunctionIR) -> None:
    """Lead each edge past empty blocks."""
    ends: dict[int, int] = {}
    for label in function.blocks:
        end = _end(function, label)
        if end != label:
            ends[label] = end
    if not ends:
        return
    for block in function.blocks.values():
        match block.terminator:
            case Jump() as jump:
                jump.target = ends.get(jump.target, jump.target)
            case Branch() as branch:
                branch.then = ends.get(branch.then, branch.then)
                branch.orelse = ends.get(branch.orelse, branch.orelse)
            case Operate() | Yield() as leaving:
                leaving.next = ends.get(leaving.next, leaving.next)
                if isinstance(leaving, Operate) and leaving.stop is not None:
                    leaving.stop = ends.get(leaving.stop, leaving.stop)


def _end(function: FunctionIR, label: int) -> int:
    """Return where control that comes to a block does something for the first time."""
    passed: set[int] = set()
    while label not in passed:
        passed.add(label)
        block = function.blocks[label]
        match block.terminator:
            case Jump(target) if not block.instructions and function.blocks[target].depth == block.depth:
                label = target
    return label
