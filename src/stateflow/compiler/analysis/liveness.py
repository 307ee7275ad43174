"""Live variables, by iteration to a fixed point (Aho, Lam, Sethi, Ullman, "Compilers", 9.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateflow.compiler.analysis.effects import of_blocks

if TYPE_CHECKING:
    from stateflow.compiler.analysis.effects import BlockEffects, Effects
    from stateflow.compiler.ir import FunctionIR

__all__ = ["Liveness", "live_variables"]


class Liveness:
    """`live_in` of a block: the variables that may be read there or later before they are bound again."""

    __slots__ = ("live_in", "variables")

    def __init__(self, live_in: dict[int, set[str]], variables: set[str]) -> None:
        self.live_in = live_in
        self.variables = variables


class _Summary:
    """What one block does: reads before binding, surely binds, and binds in its terminator."""

    __slots__ = ("binds", "target", "uses")

    def __init__(self, effects: list[Effects], variables: set[str]) -> None:
        self.uses: set[str] = set()
        self.binds: set[str] = set()
        *instructions, terminator = effects
        for found in instructions:
            self.uses |= (found.uses | (found.unbinds - found.binds)) - self.binds
            self.binds |= found.binds
        self.uses |= terminator.uses - self.binds
        self.target = terminator.binds
        self.uses &= variables


def _variables(function: FunctionIR, effects: BlockEffects) -> set[str]:
    """Return the parameters and every variable that is bound somewhere."""
    return set(function.parameters).union(*(found.may_bind for block in effects.values() for found in block))


def live_variables(function: FunctionIR, effects: BlockEffects | None = None) -> Liveness:
    """Return the live variables at the start of each block.

    An exception may happen anywhere in a block, so what is live in its handler is live in all of it.
    """
    effects = effects or of_blocks(function.blocks.values())
    variables = _variables(function, effects)
    summaries = {label: _Summary(effects[label], variables) for label in function.blocks}
    following = {label: block.successors() for label, block in function.blocks.items()}
    live_in: dict[int, set[str]] = {label: set() for label in function.blocks}
    order = list(reversed(function.blocks))
    changed = True
    while changed:
        changed = False
        for label in order:
            block, summary = function.blocks[label], summaries[label]
            live = set().union(*[live_in[s] for s in following[label]]) - summary.target
            live = summary.uses | (live - summary.binds)
            if block.handler is not None:
                live |= live_in[block.handler] - set(block.killed)
            if live != live_in[label]:
                live_in[label] = live
                changed = True
    return Liveness(live_in, variables)
