"""Read a variable itself instead of a copy of it that was made in case it changes.

Before: .t1 = amount; operate .t2 = .tx.get_attribute(item, 'price') -> L1; L1: total = .t1 * .t2
After:  operate .t2 = .tx.get_attribute(item, 'price') -> L1; L1: total = amount * .t2

A copy goes when the variable is surely bound where the copy was made, and is neither bound nor unbound at any place from which the copy
may still be read. Evaluation order: loading a local variable that is bound has no effect, and its value is the same at both places.
Only variables of the function itself are taken, whose bindings are all in view: captured ones live in cells, and globals are anyone's.
Later passes may assume nothing new.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from stateflow.compiler.ir import Assign
from stateflow.compiler.passes.paths import Paths
from stateflow.compiler.passes.places import Place, Places, is_temporary
from stateflow.compiler.trees import walk

if TYPE_CHECKING:
    from stateflow.compiler.ir import FunctionIR, Instruction

__all__ = ["propagate_copies"]


def propagate_copies(function: FunctionIR) -> None:
    """Replace copies of variables by the variables."""
    copies = [(Place(b.label, n), i) for b in function.blocks.values() for n, i in enumerate(b.instructions) if _is_copy(i)]
    if not copies:
        return
    places = Places(function)
    paths: Paths | None = None
    dropped: dict[int, list[int]] = {}
    for place, copy in copies:
        assert isinstance(copy, Assign)
        assert isinstance(copy.value, ast.Name)
        source = copy.value.id
        if not _is_candidate(places, copy.target, source):
            continue
        if not places.is_steady(source):
            paths = paths or Paths(function, places)
            if not paths.is_bound(source, place) or not paths.is_unchanged(source, copy.target, place):
                continue
        _replace(places, copy.target, source)
        dropped.setdefault(place.label, []).append(place.position)
    for label, indices in dropped.items():
        # Places stay as they were until every copy has been looked at.
        block = function.blocks[label]
        block.instructions = [i for n, i in enumerate(block.instructions) if n not in indices]


def _is_copy(instruction: Instruction) -> bool:
    match instruction:
        case Assign(target, ast.Name()):
            return is_temporary(target)
    return False


def _is_candidate(places: Places, copy: str, source: str) -> bool:
    is_variable = source in places.binders or source in places.function.parameters
    return is_variable and copy != source and copy in places.readers and len(places.binders[copy]) == 1


def _replace(places: Places, copy: str, source: str) -> None:
    """Read `source` wherever `copy` was read."""
    for place in places.readers.pop(copy):
        instructions = places.function.blocks[place.label].instructions
        at = instructions[place.position] if place.position < len(instructions) else places.function.blocks[place.label].terminator
        for name in _names(at):
            if name.id == copy:
                name.id = source
        effects = places.effects[place.label][place.position]
        effects.uses.discard(copy)
        if source not in effects.uses:
            effects.uses.add(source)
            places.readers.setdefault(source, []).append(place)


def _names(at: object) -> list[ast.Name]:
    """Return the names in an instruction or terminator. Those of temporaries were made by the frontend: the user's tree has none."""
    parts = [getattr(at, part, None) for part in ("value", "statement", "test", "call")]
    return [n for part in parts if isinstance(part, ast.AST) for n in walk(part) if isinstance(n, ast.Name)]
