"""The instructions, terminators, blocks and functions of the control-flow graph.

Expressions and statements inside are native Python syntax without a suspension point; a suspension point is an `Operate` terminator. Names
that begin with a dot are not the user's: temporaries (`.t1`), cells (`.cell.x`) and what generated code is given (`.tx`).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stateflow.compiler.types import Type

__all__ = [
    "Assign", "Block", "Branch", "Exec", "FunctionIR", "Instruction", "Jump", "Operate", "Reraise", "Return", "Terminator", "Unreachable",
    "Yield",
]  # fmt: skip


@dataclass(slots=True)
class Exec:
    """Run a native statement."""

    statement: ast.stmt


@dataclass(slots=True)
class Assign:
    """Give a variable or temporary the value of a native expression."""

    target: str
    value: ast.expr


Instruction = Exec | Assign


@dataclass(slots=True)
class Jump:
    """Go on at `target`. Between blocks of another `depth` this leaves `except` clauses."""

    target: int


@dataclass(slots=True)
class Branch:
    """Go on at `then` when the native test is true, else at `orelse`."""

    test: ast.expr
    then: int
    orelse: int


@dataclass(slots=True)
class Return:
    """Finish the function with the value of a native expression."""

    value: ast.expr


@dataclass(slots=True)
class Reraise:
    """Raise the exception being handled again."""

    at: ast.AST


@dataclass(slots=True)
class Operate:
    """Carry out what may suspend, put its value into `target`, go on at `next`; with `stop`, go on there when an iterator is exhausted."""

    call: ast.Call
    target: str | None
    next: int
    stop: int | None = None


@dataclass(slots=True)
class Yield:
    """Give a value to whoever runs this generator; go on at `next` with what is sent."""

    value: ast.expr
    target: str | None
    next: int


@dataclass(slots=True)
class Unreachable:
    """The end of a block that control never reaches."""


Terminator = Jump | Branch | Return | Reraise | Operate | Yield | Unreachable


@dataclass(slots=True)
class Block:
    """Straight code with one way in.

    `handler` is the block that an exception goes to; `killed` the variables that are unbound on the way there; `depth` the number of
    exceptions being handled around it.
    """

    label: int
    handler: int | None
    depth: int
    instructions: list[Instruction] = field(default_factory=list)
    terminator: Terminator = field(default_factory=Unreachable)
    killed: tuple[str, ...] = ()

    def successors(self) -> list[int]:
        """Return the labels where control may go on, without the handler."""
        match self.terminator:
            case Jump(target):
                return [target]
            case Branch(_, then, orelse):
                return [then, orelse]
            case Operate(_, _, following, stop):
                return [following] if stop is None else [following, stop]
            case Yield(_, _, following):
                return [following]
        return []


@dataclass(slots=True)
class FunctionIR:
    """The control-flow graph of one function. `parameters` are in the order of binding; block 0 is the entry."""

    name: str
    parameters: list[str]
    blocks: dict[int, Block]
    types: dict[str, Type]
    cells: list[str] = field(default_factory=list)
    free: list[str] = field(default_factory=list)
    is_generator: bool = False
    is_async: bool = False
