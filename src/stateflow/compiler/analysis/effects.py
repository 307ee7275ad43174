"""Which variables the native syntax inside an instruction uses and binds."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from stateflow.compiler.ir import Assign, Block, Branch, Instruction, Operate, Return, Terminator, Yield
from stateflow.compiler.trees import children, is_outer, walk

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["BlockEffects", "Effects", "of_blocks", "of_instruction", "of_terminator"]


class Effects:
    """The variables that are read, read by a comprehension, surely bound, perhaps bound, and perhaps unbound."""

    __slots__ = ("binds", "may_bind", "outer_uses", "unbinds", "uses")

    def __init__(self) -> None:
        self.uses: set[str] = set()
        self.outer_uses: set[str] = set()
        self.binds: set[str] = set()
        self.may_bind: set[str] = set()
        self.unbinds: set[str] = set()


def of_instruction(instruction: Instruction) -> Effects:
    """Return the effects of one instruction."""
    effects = Effects()
    if isinstance(instruction, Assign):
        _scan(instruction.value, effects)
        if isinstance(instruction.value, ast.Name) and instruction.value.id == ".UNBOUND":
            effects.unbinds.add(instruction.target)
        effects.binds.add(instruction.target)
        effects.may_bind.add(instruction.target)
    else:
        _scan(instruction.statement, effects)
        _surely_bound(instruction.statement, effects)
    return effects


def of_terminator(terminator: Terminator) -> Effects:
    """Return the effects of a terminator; what an operation binds is bound on the way to the next block."""
    effects = Effects()
    match terminator:
        case Branch(test=value) | Return(value=value):
            _scan(value, effects)
        case Operate(call=value, target=target) | Yield(value=value, target=target):
            _scan(value, effects)
            if target is not None:
                effects.binds.add(target)
                effects.may_bind.add(target)
    return effects


def _scan(root: ast.AST, effects: Effects) -> None:
    """Add what a node uses and perhaps binds or unbinds. This is most of the cost of all passes."""
    uses = effects.uses
    waiting: list[Any] = [root]
    while waiting:
        node = waiting.pop()
        kind = type(node)
        if kind is ast.Name:
            if type(node.ctx) is not ast.Load:
                _scan_target(node, effects)
                continue
            uses.add(node.id)
            if is_outer(node):
                effects.outer_uses.add(node.id)
        elif kind is ast.Attribute:
            waiting.append(node.value)
        elif kind in _COMPREHENSIONS:
            _scan_comprehension(node, effects)
        elif kind is ast.AnnAssign:
            # The annotation of a local variable is not evaluated.
            waiting += [node.target] if node.value is None else [node.target, node.value]
        elif kind is not ast.Constant and kind is not ast.arg:
            if kind in _NAMING:
                _scan_naming(node, effects)
            waiting += children(node)


def _scan_target(node: ast.Name, effects: Effects) -> None:
    effects.may_bind.add(node.id)
    if isinstance(node.ctx, ast.Del):
        effects.unbinds.add(node.id)


def _scan_comprehension(node: Any, effects: Effects) -> None:
    """Leave out the variables of a native comprehension: they live in it only, and each has a name of its own."""
    inner = Effects()
    for part in children(node):
        _scan(part, inner)
    own = {n.id for clause in node.generators for n in walk(clause.target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    effects.uses |= inner.uses - own
    effects.outer_uses |= inner.outer_uses - own
    effects.may_bind |= inner.may_bind - own


def _scan_naming(node: Any, effects: Effects) -> None:
    """Add the names that a node binds without a `Name` node."""
    match node:
        case ast.alias(name=name, asname=alias):
            effects.may_bind.add(alias or name.split(".")[0])
        case ast.ExceptHandler(name=str(name)):
            effects.may_bind.add(name)
            effects.unbinds.add(name)
        case ast.MatchMapping(rest=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.ClassDef(name=name):
            effects.may_bind.add(name)


_COMPREHENSIONS = frozenset({ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp})
_NAMING = frozenset({ast.alias, ast.ExceptHandler, ast.MatchMapping, ast.MatchAs, ast.MatchStar, ast.ClassDef})


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


BlockEffects = dict[int, list[Effects]]


def of_blocks(blocks: Iterable[Block]) -> BlockEffects:
    """Return the effects of the instructions of each block, by its label; those of its terminator come last."""
    return {b.label: [*map(of_instruction, b.instructions), of_terminator(b.terminator)] for b in blocks}
