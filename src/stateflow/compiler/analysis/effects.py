"""Which variables the native syntax inside an instruction uses and binds."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from stateflow.compiler.ir import Assign, Block, Branch, Instruction, Operate, Return, Terminator, Yield

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Effects", "block_names", "of_instruction", "of_terminator"]


class Effects:
    """The variables that are read, surely bound, perhaps bound, and perhaps unbound."""

    __slots__ = ("binds", "may_bind", "uses", "unbinds")

    def __init__(self) -> None:
        self.uses: set[str] = set()
        self.binds: set[str] = set()
        self.may_bind: set[str] = set()
        self.unbinds: set[str] = set()


SIMPLE = (ast.Assign, ast.AugAssign, ast.Expr, ast.Import, ast.ImportFrom, ast.Delete, ast.AnnAssign, ast.Raise, ast.Pass)


def of_instruction(instruction: Instruction) -> Effects:
    """Return the effects of one instruction."""
    effects = Effects()
    if isinstance(instruction, Assign):
        _expression(instruction.value, effects)
        if isinstance(instruction.value, ast.Name) and instruction.value.id == ".UNBOUND":
            effects.unbinds.add(instruction.target)
        effects.binds.add(instruction.target)
        effects.may_bind.add(instruction.target)
    else:
        _statement(instruction.statement, effects)
    return effects


def of_terminator(terminator: Terminator) -> Effects:
    """Return the effects of a terminator; what an operation binds is bound on the way to the next block."""
    effects = Effects()
    match terminator:
        case Branch(test, _, _):
            _expression(test, effects)
        case Return(value):
            _expression(value, effects)
        case Operate(call, target, _, _):
            _expression(call, effects)
            if target is not None:
                effects.binds.add(target)
                effects.may_bind.add(target)
        case Yield(value, target, _):
            _expression(value, effects)
            if target is not None:
                effects.binds.add(target)
                effects.may_bind.add(target)
    return effects


def _expression(node: ast.AST, effects: Effects) -> None:
    for child in ast.walk(node):
        if isinstance(child, ast.Name):
            if isinstance(child.ctx, ast.Load):
                effects.uses.add(child.id)
            else:
                # A comprehension's variable or a walrus: bound on some ways only.
                effects.may_bind.add(child.id)


def _statement(node: ast.stmt, effects: Effects) -> None:
    _expression(node, effects)
    for child in ast.walk(node):
        effects.may_bind.update(_bound_by(child))
        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Del):
            effects.unbinds.add(child.id)
        if isinstance(child, ast.ExceptHandler) and child.name is not None:
            effects.unbinds.add(child.name)
    if isinstance(node, SIMPLE):
        _surely_bound(node, effects)


def _bound_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.alias(name=name, asname=alias):
            yield alias or name.split(".")[0]
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchMapping(rest=str(name)) | ast.ClassDef(name=name):
            yield name


def _surely_bound(node: ast.stmt, effects: Effects) -> None:
    targets: list[ast.expr] = []
    match node:
        case ast.Assign(targets=found):
            targets = list(found)
        case ast.AugAssign(target=ast.Name(id=name)):
            effects.uses.add(name)
            effects.binds.add(name)
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            effects.binds.update(a.asname or a.name.split(".")[0] for a in aliases)
    while targets:
        target = targets.pop()
        if isinstance(target, ast.Name):
            effects.binds.add(target.id)
        elif isinstance(target, ast.Tuple | ast.List):
            targets.extend(target.elts)
        elif isinstance(target, ast.Starred):
            targets.append(target.value)


def block_names(blocks: Iterable[Block]) -> set[str]:
    """Return every variable that is bound somewhere in the blocks."""
    names: set[str] = set()
    for block in blocks:
        for instruction in block.instructions:
            names |= of_instruction(instruction).may_bind
        names |= of_terminator(block.terminator).may_bind
    return names


