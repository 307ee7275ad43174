"""Which variables are surely bound, one bit for each: in a long method the sets of all blocks would be as many as its lines, squared."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from stateflow.compiler.ir import Operate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stateflow.compiler.analysis.effects import BlockEffects, Effects
    from stateflow.compiler.ir import Block, FunctionIR

__all__ = ["Bindings"]


class Bindings:
    """The variables that are bound on every path to each block; definite assignment by iteration to a fixed point.

    Attributes:
        at_start: a mask of variables for the start of each block.
    """

    def __init__(self, function: FunctionIR, effects: BlockEffects) -> None:
        self._effects = effects
        names = set(function.parameters).union(*(found.may_bind | found.unbinds for block in effects.values() for found in block))
        self._bits = {name: 1 << number for number, name in enumerate(sorted(names))}
        self.at_start = self._solve(function)

    def mask(self, names: Iterable[str]) -> int:
        """Return the mask of some variables; what is bound nowhere has none."""
        found = 0
        for name in names:
            found |= self._bits.get(name, 0)
        return found

    def has(self, mask: int, name: str) -> bool:
        """Tell whether a variable is in a mask."""
        return bool(mask & self._bits.get(name, 0))

    def missing(self, mask: int, names: Iterable[str]) -> set[str]:
        """Return those of some variables that are not in a mask."""
        bits = self._bits
        return {name for name in names if not mask & bits.get(name, 0)}

    def after(self, mask: int, effects: Effects) -> int:
        """Return what is bound after an instruction when `mask` was bound before it."""
        if effects.binds:
            mask |= self.mask(effects.binds)
        return mask & ~self.mask(effects.unbinds) if effects.unbinds else mask

    def at_end(self, label: int) -> int:
        """Return what is bound after the instructions of a block."""
        mask = self.at_start[label]
        for effects in self._effects[label][:-1]:
            mask = self.after(mask, effects)
        return mask

    def _solve(self, function: FunctionIR) -> dict[int, int]:
        blocks = function.blocks
        entry = next(iter(blocks))
        bound = dict.fromkeys(blocks, self.mask(self._bits))
        bound[entry] = self.mask(function.parameters)
        through = {label: self._through(block) for label, block in blocks.items()}
        edges = {label: self._edges(block) for label, block in blocks.items()}
        waiting, queued = deque(blocks), set(blocks)
        while waiting:
            label = waiting.popleft()
            queued.discard(label)
            gained, kept, kept_at_all = through[label]
            reaching = [(to, (bound[label] & kept) | gained | by_edge) for to, by_edge in edges[label]]
            if (handler := blocks[label].handler) is not None:
                # The exception may come before anything in the block is bound.
                reaching.append((handler, bound[label] & kept_at_all))
            for to, mask in reaching:
                if to != entry and bound[to] & ~mask:
                    bound[to] &= mask
                    if to not in queued:
                        queued.add(to)
                        waiting.append(to)
        return bound

    def _edges(self, block: Block) -> list[tuple[int, int]]:
        """Return the successors of a block, each with what its terminator binds on the way there."""
        terminator = block.terminator
        target = getattr(terminator, "target", None)
        mask = self.mask([target]) if isinstance(target, str) else 0
        # An iterator that is exhausted gives nothing.
        stop = terminator.stop if isinstance(terminator, Operate) else None
        return [(label, 0 if label == stop else mask) for label in block.successors()]

    def _through(self, block: Block) -> tuple[int, int, int]:
        """Return what the instructions of a block bind, what they leave as it was, and what neither they nor an exception unbind."""
        gained = lost = perhaps_lost = 0
        for effects in self._effects[block.label][:-1]:
            binds, unbinds = self.mask(effects.binds), self.mask(effects.unbinds)
            gained, lost = (gained | binds) & ~unbinds, (lost & ~binds) | unbinds
            perhaps_lost |= unbinds
        return gained, ~lost, ~(perhaps_lost | self.mask(block.killed))
