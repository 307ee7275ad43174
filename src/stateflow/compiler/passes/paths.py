"""What happens to a variable on the paths of a function."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from stateflow.compiler.analysis.bindings import Bindings
from stateflow.compiler.analysis.effects import of_instruction
from stateflow.compiler.ir import Assign
from stateflow.compiler.passes.places import Place, Places

if TYPE_CHECKING:
    from stateflow.compiler.ir import Block, FunctionIR

__all__ = ["Paths"]


class Paths:
    """The predecessors of each block, and questions about the paths between places."""

    def __init__(self, function: FunctionIR, places: Places) -> None:
        self.function = function
        self.places = places
        self.entry = next(iter(function.blocks))
        self.before: dict[int, list[Block]] = {label: [] for label in function.blocks}
        for block in function.blocks.values():
            for label in {*block.successors(), *([block.handler] if block.handler is not None else [])}:
                self.before[label].append(block)

    def is_bound(self, name: str, place: Place) -> bool:
        """Tell whether a variable is bound on every path to a place."""
        found = self._last_binding(place, name)
        return self._bindings.has(self._bindings.at_start[place.label], name) if found is None else found

    @functools.cached_property
    def _bindings(self) -> Bindings:
        return Bindings(self.function, self.places.effects)

    def _last_binding(self, end: Place, name: str) -> bool | None:
        """Return whether the last thing before `end` in its block that is done to `name` surely binds it; None when nothing is."""
        for effects in reversed(self.places.effects[end.label][: end.position]):
            if name in effects.unbinds:
                return False
            if name in effects.binds:
                return True
        return None

    def is_unchanged(self, source: str, copy: str, made: Place) -> bool:
        """Tell whether nothing binds or unbinds `source` where `copy`, which is bound at `made` only, may still be read."""
        last: dict[int, int] = {}
        for reader in self.places.readers[copy]:
            last[reader.label] = max(last.get(reader.label, -1), reader.position)
            if reader.label == made.label and reader.position <= made.position:
                return False
        needed, passed = self._spread(last, made.label)
        if self.entry in needed:
            return False
        return not any(self._changes_in(label, source, made, last, needed, passed) for label in {made.label, *last, *passed})

    def _spread(self, readers: dict[int, int], origin: int) -> tuple[set[int], set[int]]:
        """Return the blocks, other than the origin, at whose start a value is needed, and the blocks at whose end it is."""
        needed = {label for label in readers if label != origin}
        passed: set[int] = set()
        waiting = list(needed)
        while waiting:
            for block in self.before[waiting.pop()]:
                passed.add(block.label)
                if block.label not in needed and block.label != origin:
                    needed.add(block.label)
                    waiting.append(block.label)
        return needed, passed

    def _changes_in(self, label: int, source: str, made: Place, last: dict[int, int], needed: set[int], passed: set[int]) -> bool:
        """Tell whether a block may change `source` before the last read of the copy."""
        block = self.function.blocks[label]
        if block.handler in needed and (label == made.label or source in block.killed):
            return True
        start = made.position + 1 if label == made.label else 0
        end = len(block.instructions) if label in passed else last.get(label, -1)
        changes = [i for i in range(start, end + 1) if self._is_changed_at(Place(label, i), source)]
        is_after_last_read = label not in passed and changes == [end] and self._binds_last(Place(label, end), source)
        return bool(changes) and not is_after_last_read

    def _is_changed_at(self, place: Place, source: str) -> bool:
        effects = self.places.effects[place.label][place.position]
        return source in effects.may_bind or source in effects.unbinds

    def _binds_last(self, place: Place, source: str) -> bool:
        """Tell whether a place binds `source` only after all that it reads has been read."""
        instructions = self.function.blocks[place.label].instructions
        if place.position == len(instructions):
            return True
        instruction = instructions[place.position]
        return isinstance(instruction, Assign) and source not in of_instruction(Assign(".", instruction.value)).may_bind
