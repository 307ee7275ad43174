"""Combine in place where the value stands, instead of in a temporary of its own.

Before: .t2 = total; .t2 += .t1; total = .t2
After:  total += .t1

Before: operate .t1 = ... -> L1; L1: .t3 = .t1; .t3 += n; self.total = .t3
After:  operate .t3 = ... -> L1; L1: .t3 += n; self.total = .t3

Evaluation order: `total += E` loads `total`, evaluates E, combines, binds, as the three did; an unbound `total` raises at the same
place. In the second form nothing is evaluated less or earlier: a value only gets its later name at once. Later passes may assume
nothing new.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from stateflow.compiler.ir import Assign, Exec, Operate, Yield
from stateflow.compiler.passes.places import Place, Places, is_temporary
from stateflow.compiler.trees import copy_place

if TYPE_CHECKING:
    from stateflow.compiler.ir import Block, FunctionIR

__all__ = ["join_augmented"]


def join_augmented(function: FunctionIR) -> None:
    """Join copies to the augmented assignments that follow them."""
    candidates = [(b, i) for b in function.blocks.values() for i in range(len(b.instructions) - 1) if _is_candidate(b, i)]
    if not candidates:
        return
    places = Places(function)
    dropped: dict[int, set[int]] = {}
    for block, index in candidates:
        gone = _join_to_variable(block, index, places) or _join_to_source(function, block, index, places)
        dropped.setdefault(block.label, set()).update(gone)
    for label, indices in dropped.items():
        # Places stay as they were until every candidate has been looked at.
        block = function.blocks[label]
        block.instructions = [i for n, i in enumerate(block.instructions) if n not in indices]


def _is_candidate(block: Block, index: int) -> bool:
    match block.instructions[index : index + 2]:
        case [Assign(target, ast.Name()), Exec(ast.AugAssign(target=ast.Name(id=name)))]:
            return target == name and is_temporary(name)
    return False


def _join_to_variable(block: Block, index: int, places: Places) -> list[int]:
    """Join when the combined value goes back to the variable that it came from, and nowhere else; return what is to be dropped."""
    match block.instructions[index : index + 3]:
        case [Assign(name, ast.Name(id=source)), Exec(ast.AugAssign() as combined), Assign(target, ast.Name(id=result))]:
            own = [Place(block.label, index + 1), Place(block.label, index + 2)]
            if target == source and result == name and places.readers[name] == own and _bound_only_here(block, index, places, name):
                place = copy_place(ast.Name(source, ast.Store()), combined.target)
                joined = copy_place(ast.AugAssign(place, combined.op, combined.value), combined)
                block.instructions[index] = Exec(joined)
                return [index + 1, index + 2]
    return []


def _join_to_source(function: FunctionIR, block: Block, index: int, places: Places) -> list[int]:
    """Join when the copied value is a temporary that is read nowhere else: it is bound under the later name."""
    copy = block.instructions[index]
    assert isinstance(copy, Assign)
    assert isinstance(copy.value, ast.Name)
    name, source = copy.target, copy.value.id
    readers, binders = places.readers.get(source, []), places.binders.get(source, [])
    if not is_temporary(source) or len(readers) != 1 or len(binders) != 1 or not _bound_only_here(block, index, places, name):
        return []
    if any(place.label != block.label or place.position <= index for place in places.readers[name]):
        return []
    origin = function.blocks[binders[0].label]
    at = binders[0].position
    binder = origin.instructions[at] if at < len(origin.instructions) else origin.terminator
    if isinstance(binder, Assign | Operate | Yield) and binder.target == source and binders[0] != Place(block.label, index):
        binder.target = name
        return [index]
    return []


def _bound_only_here(block: Block, index: int, places: Places, name: str) -> bool:
    return places.binders[name] == [Place(block.label, index), Place(block.label, index + 1)]
