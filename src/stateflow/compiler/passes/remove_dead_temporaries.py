"""Remove temporaries that nothing reads.

Before: .why3 = 0; operate .t1 = .tx.set_attribute(item, 'stock', 5) -> L1; L1: return None
After:  operate .tx.set_attribute(item, 'stock', 5) -> L1; L1: return None

An assignment goes when its value is a literal or a variable that is surely bound; the result of an operation or a yield is dropped.
Evaluation order: loading these has no effect. Later passes may assume that what an operation binds is read somewhere.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from stateflow.compiler.ir import Assign, Operate, Yield
from stateflow.compiler.passes.places import Places, is_temporary

if TYPE_CHECKING:
    from stateflow.compiler.ir import FunctionIR, Instruction

__all__ = ["remove_dead_temporaries"]


def remove_dead_temporaries(function: FunctionIR) -> None:
    """Remove each binding of a temporary that is never read, where that has no effect."""
    if not any(map(is_temporary, _bound(function))):
        return
    places = Places(function)

    def is_dead(instruction: Instruction) -> bool:
        match instruction:
            case Assign(target, value) if is_temporary(target) and target not in places.readers:
                return isinstance(value, ast.Constant) or (isinstance(value, ast.Name) and _is_sure(places, value.id))
        return False

    for block in function.blocks.values():
        block.instructions = [i for i in block.instructions if not is_dead(i)]
        match block.terminator:
            case Operate(target=str(name)) | Yield(target=str(name)) if is_temporary(name) and name not in places.readers:
                block.terminator.target = None


def _bound(function: FunctionIR) -> list[str]:
    names = [i.target for b in function.blocks.values() for i in b.instructions if isinstance(i, Assign)]
    terminators = [b.terminator for b in function.blocks.values()]
    return names + [t.target for t in terminators if isinstance(t, Operate | Yield) and t.target is not None]


def _is_sure(places: Places, name: str) -> bool:
    return is_temporary(name) or places.is_steady(name)
