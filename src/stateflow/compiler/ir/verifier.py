"""Check that a control-flow graph keeps the rules that passes and code generation rely on.

The rules on edges: every target and handler exists; a normal edge never enters an `except` clause, only the edge to a handler does, one
clause at a time. The rules on names: temporaries are bound before they are read, captured variables appear as cells only, `.exception`
is used where one is being handled. The rules on syntax: what may suspend stands in `Operate` only, and each node has a line. On syntax
see `ir.syntax`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stateflow.compiler.ir.operations import Assign, Branch, Exec, Operate, Reraise, Return, Unreachable, Yield
from stateflow.compiler.ir.printer import print_instruction, print_ir, print_terminator
from stateflow.compiler.ir.syntax import name_faults, operation_faults, syntax_faults

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from stateflow.compiler.ir.operations import Block, FunctionIR, Instruction, Terminator

__all__ = ["BrokenIR", "faults", "verify"]

TEMPORARY = re.compile(r"\.t\d+")


class BrokenIR(AssertionError):
    """A control-flow graph breaks a rule: a fault of the compiler, never of the user's program. `faults` lists all that is wrong."""

    def __init__(self, function: FunctionIR, after: str | None, found: list[str]) -> None:
        origin = f" after {after}" if after else ""
        lines = [f"the graph of {function.name} is broken{origin}:", *(f"  {fault}" for fault in found), "", print_ir(function)]
        super().__init__("\n".join(lines))
        self.faults = tuple(found)


def verify(function: FunctionIR, after: str | None = None) -> None:
    """Check a graph.

    Args:
        function: the graph.
        after: the pass that made it, for the message.

    Raises:
        BrokenIR: the graph breaks at least one rule.
    """
    found = faults(function)
    if found:
        raise BrokenIR(function, after, found)


def faults(function: FunctionIR) -> list[str]:
    """Return everything that is wrong with a graph, one sentence each."""
    found = list(_edge_faults(function))
    if found:
        # The rules on paths cannot be checked on a graph with edges to nowhere.
        return found
    from stateflow.compiler.passes.remove_unreachable import ends_in_raise, reachable

    alive = reachable(function)
    for label, block in function.blocks.items():
        found += [f"L{label}: {fault}" for fault in _depth_faults(function, block)]
        found += [f"L{label}: {fault}" for fault in _content_faults(function, block)]
        if label in alive and isinstance(block.terminator, Unreachable) and not ends_in_raise(block):
            found.append(f"L{label}: control reaches the end of a block without a terminator")
    found += _sharing_faults(function)
    found += _binding_faults(function, alive)
    return found


def _edge_faults(function: FunctionIR) -> Iterator[str]:
    if next(iter(function.blocks), None) != 0:
        yield "the first block is not L0"
    for label, block in function.blocks.items():
        if block.label != label:
            yield f"L{label}: the block calls itself L{block.label}"
        for target in block.successors():
            if target not in function.blocks:
                yield f"L{label}: an edge leads to L{target}, which does not exist"
        if block.handler is not None and block.handler not in function.blocks:
            yield f"L{label}: its handler L{block.handler} does not exist"


def _depth_faults(function: FunctionIR, block: Block) -> Iterator[str]:
    if block.label == 0 and block.depth:
        yield f"the entry has depth {block.depth}"
    for target in block.successors():
        if function.blocks[target].depth > block.depth:
            yield f"the edge to L{target} enters an except clause"
    if block.handler is not None:
        depth = function.blocks[block.handler].depth
        if not 1 <= depth <= block.depth + 1:
            yield f"its handler L{block.handler} has depth {depth}, not 1 to {block.depth + 1}"


def _content_faults(function: FunctionIR, block: Block) -> Iterator[str]:
    for instruction in block.instructions:
        yield from _instruction_faults(function, block, instruction)
    yield from _terminator_faults(function, block.terminator, block.depth)
    for text, node in _native(block):
        for fault in (*syntax_faults(node), *name_faults(node, function, block.depth)):
            yield f"{fault}: {text}"


def _native(block: Block) -> Iterator[tuple[str, ast.AST]]:
    """Yield each piece of native syntax in a block, with the text of what holds it."""
    for instruction in block.instructions:
        yield print_instruction(instruction), instruction.statement if isinstance(instruction, Exec) else instruction.value
    match block.terminator:
        case Branch(test=node) | Return(value=node) | Yield(value=node):
            yield print_terminator(block.terminator), node
        case Operate(call=call):
            text = print_terminator(block.terminator)
            yield from ((text, node) for node in (*call.args, *call.keywords))


def _instruction_faults(function: FunctionIR, block: Block, instruction: Instruction) -> Iterator[str]:
    if isinstance(instruction, Assign) and instruction.target in {*function.cells, *function.free}:
        yield f"the captured variable {instruction.target} is bound beside its cell: {print_instruction(instruction)}"


def _terminator_faults(function: FunctionIR, terminator: Terminator, depth: int) -> Iterator[str]:
    match terminator:
        case Reraise() if depth == 0:
            yield "reraise where no exception is being handled"
        case Yield() if not function.is_generator:
            yield "yield in what is no generator"
        case Operate():
            yield from (f"{fault}: {print_terminator(terminator)}" for fault in operation_faults(terminator))
    target = terminator.target if isinstance(terminator, Operate | Yield) else None
    if target in {*function.cells, *function.free}:
        yield f"the captured variable {target} is bound beside its cell: {print_terminator(terminator)}"


def _sharing_faults(function: FunctionIR) -> Iterator[str]:
    seen: dict[int, int] = {}
    for block in function.blocks.values():
        for part in (*block.instructions, block.terminator):
            if id(part) in seen:
                yield f"L{block.label}: shares an instruction with L{seen[id(part)]}, so that changing one changes the other"
            seen[id(part)] = block.label


def _binding_faults(function: FunctionIR, alive: set[int]) -> Iterator[str]:
    """Yield the temporaries that are read where a path does not bind them."""
    from stateflow.compiler.analysis.bindings import Bindings
    from stateflow.compiler.analysis.effects import of_blocks, of_instruction, of_terminator

    surely, perhaps = _binders(function)
    bindings = Bindings(function, of_blocks(function.blocks.values()))
    for label in alive:
        block, bound = function.blocks[label], bindings.at_start[label]
        for part in (*block.instructions, block.terminator):
            effects = of_instruction(part) if isinstance(part, Assign | Exec) else of_terminator(part)
            for name in sorted(effects.uses):
                if TEMPORARY.fullmatch(name) and not bindings.has(bound, name) and name not in perhaps:
                    reason = "on some path is not bound" if name in surely else "is never bound"
                    text = print_instruction(part) if isinstance(part, Assign | Exec) else print_terminator(part)
                    yield f"L{label}: {name} {reason} before it is read: {text}"
            bound |= bindings.mask(effects.binds)


def _binders(function: FunctionIR) -> tuple[set[str], set[str]]:
    """Return the names that some instruction surely binds, and those that one perhaps binds, as a pattern of a native `match` does."""
    from stateflow.compiler.analysis.effects import of_instruction, of_terminator

    surely: set[str] = set()
    perhaps: set[str] = set()
    for block in function.blocks.values():
        for effects in (*map(of_instruction, block.instructions), of_terminator(block.terminator)):
            surely |= effects.binds
            perhaps |= effects.may_bind - effects.binds
    return surely, perhaps
