"""Live variables and definite assignment, by iteration to a fixed point (Aho, Lam, Sethi, Ullman, "Compilers", 9.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateflow.compiler.analysis.effects import block_names, of_instruction, of_terminator

if TYPE_CHECKING:
    from stateflow.compiler.ir import Block, FunctionIR

__all__ = ["Liveness", "definitely_bound", "live_variables"]


class Liveness:
    """`live_in` of a block: the variables that may be read there or later before they are bound again."""

    __slots__ = ("live_in", "variables")

    def __init__(self, live_in: dict[int, set[str]], variables: set[str]) -> None:
        self.live_in = live_in
        self.variables = variables


class _Summary:
    """What one block does: reads before binding, surely binds, and binds in its terminator."""

    __slots__ = ("binds", "target", "uses")

    def __init__(self, block: Block, variables: set[str]) -> None:
        self.uses: set[str] = set()
        self.binds: set[str] = set()
        for instruction in block.instructions:
            effects = of_instruction(instruction)
            self.uses |= (effects.uses | (effects.unbinds - effects.binds)) - self.binds
            self.binds |= effects.binds
        effects = of_terminator(block.terminator)
        self.uses |= effects.uses - self.binds
        self.target = effects.binds
        self.uses &= variables


def live_variables(function: FunctionIR) -> Liveness:
    """Return the live variables at the start of each block.

    An exception may happen anywhere in a block, so what is live in its handler is live in all of it.
    """
    variables = block_names(function.blocks.values()) | set(function.parameters)
    summaries = {label: _Summary(block, variables) for label, block in function.blocks.items()}
    live_in: dict[int, set[str]] = {label: set() for label in function.blocks}
    order = list(reversed(function.blocks))
    changed = True
    while changed:
        changed = False
        for label in order:
            block, summary = function.blocks[label], summaries[label]
            live = set().union(*(live_in[s] for s in block.successors())) - summary.target
            live = summary.uses | (live - summary.binds)
            if block.handler is not None:
                live |= live_in[block.handler] - set(block.killed)
            if live != live_in[label]:
                live_in[label] = live
                changed = True
    return Liveness(live_in, variables)


def definitely_bound(function: FunctionIR) -> dict[int, set[str]]:
    """Return the variables that are surely bound at the start of each block."""
    everything = block_names(function.blocks.values()) | set(function.parameters)
    bound: dict[int, set[str]] = {label: set(everything) for label in function.blocks}
    entry = next(iter(function.blocks))
    bound[entry] = set(function.parameters)
    changed = True
    while changed:
        changed = False
        for label, block in function.blocks.items():
            out, least = _through(block, bound[label])
            for successor in block.successors():
                changed |= _meet(bound, successor, out, entry)
            if block.handler is not None:
                changed |= _meet(bound, block.handler, least - set(block.killed), entry)
    return bound


def _through(block: Block, start: set[str]) -> tuple[set[str], set[str]]:
    """Return what is bound at the end of a block, and what is bound all through it."""
    out, least = set(start), set(start)
    for instruction in block.instructions:
        effects = of_instruction(instruction)
        out = (out | effects.binds) - effects.unbinds
        least -= effects.unbinds
    return out | of_terminator(block.terminator).binds, least


def _meet(bound: dict[int, set[str]], label: int, incoming: set[str], entry: int) -> bool:
    merged = bound[label] & incoming if label != entry else bound[label]
    if merged != bound[label]:
        bound[label] = merged
        return True
    return False
