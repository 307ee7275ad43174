"""Decide program counters, saved variables and sentinels for the generated code of one function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateflow.compiler.analysis.bindings import Bindings
from stateflow.compiler.analysis.effects import of_blocks
from stateflow.compiler.analysis.liveness import live_variables
from stateflow.compiler.ir import Assign, Block, Operate, Yield

if TYPE_CHECKING:
    from stateflow.compiler.ir import FunctionIR

__all__ = ["Layout"]

GIVEN = frozenset({".tx", ".frame", ".exception", ".pc", ".r"})


class Layout:
    """Where everything of one function goes.

    `pc` numbers the blocks, `stub` the places where a suspended block goes on. `saved` are the variables of a frame at a program counter.
    `guarded` are the variables that any handler may need; they are bound from the start, to `.UNBOUND` if to nothing else. `tracked` are
    all variables that begin so. `effects` are those of each block, `bindings` what surely is bound.
    """

    def __init__(self, function: FunctionIR) -> None:
        self.function = function
        self.effects = of_blocks(function.blocks.values())
        liveness = live_variables(function, self.effects)
        self.live_in = liveness.live_in
        self.variables = liveness.variables
        self.bindings = Bindings(function, self.effects)
        self.pc: dict[int, int] = {}
        self.stub: dict[int, int] = {}
        self._number()
        self.saved: dict[int, tuple[str, ...]] = {}
        self._save_at_stubs()
        self.guarded = self._guarded()
        self.tracked = self._tracked()

    @property
    def count(self) -> int:
        """The number of program counters."""
        return len(self.pc) + len(self.stub)

    def _number(self) -> None:
        number = 0
        for label, block in self.function.blocks.items():
            self.pc[label] = number
            number += 1
            if isinstance(block.terminator, Operate | Yield):
                self.stub[label] = number
                number += 1

    def _order(self, names: set[str]) -> tuple[str, ...]:
        return tuple(sorted(names - GIVEN))

    def after_operation(self, block: Block) -> set[str]:
        """Return what is live when an operation gets its value."""
        live = set().union(*(self.live_in[s] for s in block.successors()))
        terminator = block.terminator
        assert isinstance(terminator, Operate | Yield)
        live.discard(terminator.target or "")
        if block.handler is not None:
            live |= self.live_in[block.handler] - set(block.killed)
        return live

    def _save_at_stubs(self) -> None:
        for label in self.stub:
            self.saved[self.stub[label]] = self._order(self.after_operation(self.function.blocks[label]))

    def save_at_block(self, label: int) -> tuple[str, ...]:
        """Return the variables that a frame holds when it goes on at the start of a block; note that one may do so."""
        names = self._order(self.live_in[label])
        self.saved[self.pc[label]] = names
        return names

    def _guarded(self) -> tuple[str, ...]:
        handlers = {b.handler for b in self.function.blocks.values() if b.handler is not None}
        for handler in handlers:
            self.save_at_block(handler)
        return self._order(set().union(*(self.live_in[h] for h in handlers)) if handlers else set())

    def _tracked(self) -> set[str]:
        """Return the variables that are saved somewhere where they may be unbound, or are unbound by `except ... as`."""
        parameters = set(self.function.parameters)
        tracked = set(self.guarded) - parameters
        for label, block in self.function.blocks.items():
            bound = self.bindings.at_end(label)
            if label in self.stub:
                tracked |= self.bindings.missing(bound, self.saved[self.stub[label]])
            for successor in block.successors():
                if self.function.blocks[successor].depth < block.depth:
                    tracked |= self.bindings.missing(bound, self._order(self.live_in[successor]))
            for instruction, effects in zip(block.instructions, self.effects[label], strict=False):
                if isinstance(instruction, Assign) and ".UNBOUND" in effects.uses:
                    tracked.add(instruction.target)
        return tracked | self._read_by_comprehensions() | self._deleted_parameters(tracked)

    def _read_by_comprehensions(self) -> set[str]:
        """Return the variables that a comprehension may find unbound: what Python raises for them is not what it raises for others."""
        names: set[str] = set()
        for label, found in self.effects.items():
            bound = self.bindings.at_start[label]
            for effects in found:
                names |= self.bindings.missing(bound, effects.outer_uses)
                bound = self.bindings.after(bound, effects)
        return names & self.variables - GIVEN

    def _deleted_parameters(self, tracked: set[str]) -> set[str]:
        names: set[str] = set()
        everything = set(self.guarded).union(*(self.saved[s] for s in self.stub.values())) if self.stub else set(self.guarded)
        for found in self.effects.values():
            names = names.union(*[effects.unbinds & everything for effects in found])
        return names
