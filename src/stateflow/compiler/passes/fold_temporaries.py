"""Put the value of a temporary into the next instruction, where that is its only reader and evaluates it first.

Before: .t1 = .format(a, -1, ''); .t2 = .format(b, -1, ''); text = f'{.t1}{.t2}'
After:  text = f'{.format(a, -1, '')}{.format(b, -1, '')}'

Evaluation order: before the temporary the reader evaluates only literals, other temporaries and parameters that never change, none of
which has an effect or can be affected; see `operands`. Later passes may assume nothing new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateflow.compiler.ir import Assign
from stateflow.compiler.passes.operands import find_operand
from stateflow.compiler.passes.places import Places, is_temporary

if TYPE_CHECKING:
    from stateflow.compiler.ir import Block, FunctionIR, Instruction

__all__ = ["fold_temporaries"]


def fold_temporaries(function: FunctionIR) -> None:
    """Fold each temporary that only the next instruction reads, as the first of its operands."""
    if not any(_is_assignment(i) for block in function.blocks.values() for i in block.instructions):
        return
    places = Places(function)
    for block in function.blocks.values():
        _fold(block, places)


def _is_assignment(instruction: Instruction) -> bool:
    return isinstance(instruction, Assign) and is_temporary(instruction.target)


def _fold(block: Block, places: Places) -> None:
    """Work from the end of the block to its start, so that a folded value may take the one before it in."""
    kept: list[Instruction] = []
    for instruction in reversed(block.instructions):
        reader = kept[-1] if kept else block.terminator
        if isinstance(instruction, Assign) and is_temporary(instruction.target) and _is_read_once(places, instruction.target):
            operand = find_operand(reader, instruction.target, places.is_steady)
            if operand is not None:
                operand.replace(instruction.value)
                continue
        kept.append(instruction)
    block.instructions = kept[::-1]


def _is_read_once(places: Places, name: str) -> bool:
    return len(places.binders[name]) == 1 and len(places.readers.get(name, ())) == 1
