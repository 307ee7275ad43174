"""Let an operation bind the variable that its value goes to.

Before: L0: operate .t1 = .tx.get_attribute(item, 'price') -> L1; L1: price = .t1
After:  L0: operate price = .tx.get_attribute(item, 'price') -> L1; L1: (nothing)

The temporary is read nowhere else, and nothing else leads to the second block. An operation with a `stop` keeps its temporary: it binds
nothing on that way. Evaluation order: the variable was bound right after the operation; when it raises, neither binds. Later passes may
assume nothing new.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from stateflow.compiler.ir import Assign, Operate, Yield
from stateflow.compiler.passes.merge_blocks import count_entries
from stateflow.compiler.passes.places import Places, is_temporary

if TYPE_CHECKING:
    from stateflow.compiler.ir import Block, FunctionIR

__all__ = ["store_results"]


def store_results(function: FunctionIR) -> None:
    """Bind variables by operations and yields where a temporary only passes the value on."""
    candidates = [block for block in function.blocks.values() if _is_passed_on(function, block)]
    if not candidates:
        return
    entries, places = count_entries(function), Places(function)
    for block in candidates:
        terminator = block.terminator
        assert isinstance(terminator, Operate | Yield)
        assert terminator.target is not None
        following = function.blocks[terminator.next]
        is_only = len(places.readers[terminator.target]) == 1 and len(places.binders[terminator.target]) == 1
        if entries[following.label] == 1 and is_only:
            first = following.instructions.pop(0)
            assert isinstance(first, Assign)
            terminator.target = first.target


def _is_passed_on(function: FunctionIR, block: Block) -> bool:
    """Tell whether the value of the block's operation goes to a variable as the first thing afterwards."""
    match block.terminator:
        case Operate(_, str(name), label, None) | Yield(_, str(name), label) if is_temporary(name):
            following = function.blocks[label].instructions
            match following[:1]:
                case [Assign(_, ast.Name(id=given))]:
                    return given == name
    return False
