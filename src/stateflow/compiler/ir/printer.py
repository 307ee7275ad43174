"""The text form of a control-flow graph, for people, `stateflow explain` and golden files.

    function shop:User.buy_item(self: User, amount: int, item: @Item)
      variables total_price: ?

    L0:
      operate .t1 = .tx.get_attribute(item, 'price') -> L1
    L1:
      total_price = amount * .t1
      return total_price
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from stateflow.compiler.ir.operations import Assign, Branch, Jump, Operate, Reraise, Return, Unreachable, Yield

if TYPE_CHECKING:
    from stateflow.compiler.ir.operations import Block, FunctionIR, Instruction, Terminator

__all__ = ["print_block", "print_instruction", "print_ir", "print_terminator"]

INDENT = "  "


def print_ir(function: FunctionIR) -> str:
    """Return the text of a function; equal graphs give equal text."""
    blocks = [print_block(block) for block in function.blocks.values()]
    return "\n".join([*_header(function), "", *blocks]) + "\n"


def _header(function: FunctionIR) -> list[str]:
    kind = ("async " if function.is_async else "") + ("generator" if function.is_generator else "function")
    parameters = ", ".join(_typed(function, name) for name in function.parameters)
    lines = [f"{kind} {function.name}({parameters})"]
    others = [_typed(function, name) for name in sorted(function.types) if name not in function.parameters]
    for title, names in (("variables", others), ("cells", function.cells), ("free", function.free)):
        if names:
            lines.append(f"{INDENT}{title} {', '.join(names)}")
    return lines


def _typed(function: FunctionIR, name: str) -> str:
    kind = function.types.get(name)
    return name if kind is None else f"{name}: {kind}"


def print_block(block: Block) -> str:
    """Return the text of one block."""
    notes = [f" depth {block.depth}"] if block.depth else []
    notes += [f" handler L{block.handler}"] if block.handler is not None else []
    notes += [f" kills {', '.join(block.killed)}"] if block.killed else []
    lines = [f"L{block.label}:{','.join(notes)}"]
    for text in [*map(print_instruction, block.instructions), print_terminator(block.terminator)]:
        lines += [INDENT + line for line in text.splitlines()]
    return "\n".join(lines)


def print_instruction(instruction: Instruction) -> str:
    """Return the text of an instruction; a native statement may take several lines."""
    if isinstance(instruction, Assign):
        return f"{instruction.target} = {ast.unparse(instruction.value)}"
    return ast.unparse(instruction.statement)


def print_terminator(terminator: Terminator) -> str:
    """Return the text of a terminator, in one line."""
    match terminator:
        case Jump(target):
            return f"jump L{target}"
        case Branch(test, then, orelse):
            return f"branch {ast.unparse(test)} -> L{then}, else L{orelse}"
        case Return(value):
            return f"return {ast.unparse(value)}"
        case Reraise():
            return "reraise"
        case Operate(call, target, following, stop):
            ending = "" if stop is None else f", stop L{stop}"
            return f"operate {_bound(target)}{ast.unparse(call)} -> L{following}{ending}"
        case Yield(value, target, following):
            return f"yield {_bound(target)}{ast.unparse(value)} -> L{following}"
        case Unreachable():
            return "unreachable"


def _bound(target: str | None) -> str:
    return "" if target is None else f"{target} = "
