"""The state of lowering one function: blocks, temporaries, and what surrounds the current place."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stateflow.compiler.analysis.inference import Inference
from stateflow.compiler.analysis.suspending_calls import Visible
from stateflow.compiler.frontend.names import constant, load, operation, support
from stateflow.compiler.frontend.rewrite import Rewriter
from stateflow.compiler.ir import Assign, Block, Branch, Exec, FunctionIR, Instruction, Jump, Operate, Return, Terminator, Unreachable
from stateflow.compiler.scope import COMPREHENSIONS, FUNCTIONS, outside_parts
from stateflow.compiler.trees import children, copy_place, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from stateflow.compiler.program import Program
    from stateflow.compiler.unit import FunctionUnit

__all__ = ["Builder", "Cleanup", "Handling", "Loop"]


@dataclass(eq=False)
class Loop:
    """A loop around the current place: where `break` and `continue` go."""

    after: int
    again: int


@dataclass(eq=False)
class Cleanup:
    """A `finally` or `with` around the current place: what leaves it goes to `normal` first, with the reason in `why`.

    A value on its way out waits in `returned`, which is the clean-up's own: a `return` inside it that comes to nothing leaves it as it is.
    """

    normal: int
    why: str
    returned: str
    exits: list[tuple[str, Loop | None]] = field(default_factory=list)


@dataclass(eq=False)
class Handling:
    """An `except` body around the current place; `name` is unbound when it ends."""

    name: str | None


Context = Loop | Cleanup | Handling


class Builder:
    """Build the blocks of one function."""

    def __init__(self, unit: FunctionUnit, program: Program) -> None:
        assert unit.suspension is not None
        self.unit = unit
        self.program = program
        self.inference = Inference(unit, program)
        self.visible = Visible(unit)
        self.points = unit.suspension.points
        self.lowered = set(unit.suspension.suspending)
        self.lazy = unit.suspension.lazy
        self.blocks: dict[int, Block] = {}
        self.contexts: list[Context] = []
        self.handler: int | None = None
        self.depth = 0
        # What is unpacked into a set is not asked for its length first.
        self.unsized: set[int] = set()
        self.killed: tuple[str, ...] = ()
        self.temporaries = 0
        # Nodes made here stay alive, since nodes are known by their id.
        self.kept: list[ast.AST] = []
        self.rewriter = Rewriter(self)
        self.current = self.new_block()
        self._mark_captures(unit.node)

    def new_block(self) -> Block:
        """Add an empty block with the current handler and depth."""
        block = Block(len(self.blocks), self.handler, self.depth, killed=self.killed)
        self.blocks[block.label] = block
        return block

    def start(self, block: Block) -> None:
        """Go on building in `block`."""
        self.current = block

    def emit(self, instruction: Instruction) -> None:
        """Append an instruction to the current block."""
        self.current.instructions.append(instruction)

    def terminate(self, terminator: Terminator) -> None:
        """End the current block, unless it has ended; what follows is built in a block that nothing reaches."""
        if isinstance(self.current.terminator, Unreachable):
            self.current.terminator = terminator
        self.start(self.new_block())

    def jump(self, block: Block) -> None:
        """End the current block with a jump to `block`, and go on there."""
        if isinstance(self.current.terminator, Unreachable):
            self.current.terminator = Jump(block.label)
        self.start(block)

    def statements(self, statements: Sequence[ast.stmt]) -> None:
        """Lower statements in order."""
        from stateflow.compiler.frontend.statements import lower_statements

        lower_statements(self, statements)

    def emit_value(self, value: ast.expr) -> None:
        """Evaluate an expression for its effect."""
        if not isinstance(value, ast.Name):
            self.emit(Exec(copy_place(ast.Expr(value), value)))

    def temporary(self) -> str:
        """Return a fresh name for a temporary."""
        self.temporaries += 1
        return f".t{self.temporaries}"

    def must_lower(self, node: ast.AST) -> bool:
        """Tell whether a node contains a suspension point or something else that has no native form here."""
        return id(node) in self.lowered

    def is_point(self, node: ast.AST) -> bool:
        """Tell whether a node is itself a suspension point."""
        return id(node) in self.points

    def spill(self, value: ast.expr) -> ast.expr:
        """Evaluate an expression now; return what stands for its value later."""
        if isinstance(value, ast.Constant) or (isinstance(value, ast.Name) and value.id.startswith(".t")):
            return value
        name = self.temporary()
        self.emit(Assign(name, value))
        return load(name, value)

    def operate(self, call: ast.Call, target: str | None = None) -> ast.expr:
        """Carry out a suspension point; return the temporary that holds its value."""
        name = target or self.temporary()
        following = self.new_block()
        self.current.terminator = (
            Operate(call, name, following.label) if isinstance(self.current.terminator, Unreachable) else self.current.terminator
        )
        self.start(following)
        return load(name, call)

    def branch(self, test: ast.expr, then: int, orelse: int, *, is_point: bool) -> None:
        """End the current block by the truth of a value; with `is_point` finding it may suspend."""
        if is_point:
            test = self.operate(operation("truth", [test], test))
        if isinstance(self.current.terminator, Unreachable):
            self.current.terminator = Branch(test, then, orelse)

    def assign_name(self, name: str, value: ast.expr) -> None:
        """Bind a variable of the user."""
        if name in self.rewriter.captured:
            target = self.rewriter.expression(copy_place(ast.Name(name, ast.Store()), value))
            self.emit(Exec(copy_place(ast.Assign([target], value), value)))
        else:
            self.emit(Assign(name, value))

    def unbind(self, name: str, at: ast.AST) -> None:
        """Make a variable unbound without complaint when it is so already."""
        if name in self.rewriter.captured:
            self.emit(Exec(copy_place(ast.Expr(support("cell_clear", [load(f".cell.{name}", at)], at)), at)))
        else:
            self.emit(Assign(name, load(".UNBOUND", at)))

    def leave(self, kind: str, loop: Loop | None, at: ast.AST, value: ast.Name | None = None) -> None:
        """Leave by `return` of a value held by a variable, `break` or `continue`, through every clean-up on the way."""
        for context in reversed(self.contexts):
            if context is loop:
                break
            if isinstance(context, Handling) and context.name is not None:
                self.unbind(context.name, at)
            elif isinstance(context, Cleanup):
                if (kind, loop) not in context.exits:
                    context.exits.append((kind, loop))
                number = context.exits.index((kind, loop)) + 1
                if value is not None and value.id != context.returned:
                    self.emit(Assign(context.returned, value))
                self.emit(Assign(context.why, constant(number, at)))
                self.terminate(Jump(context.normal))
                return
        if loop is None:
            assert value is not None
            self.terminate(Return(value))
        else:
            self.terminate(Jump(loop.after if kind == "break" else loop.again))

    def innermost_loop(self) -> Loop:
        """Return the loop that `break` and `continue` belong to."""
        return next(c for c in reversed(self.contexts) if isinstance(c, Loop))

    def innermost_cleanup(self) -> Cleanup | None:
        """Return what a `return` here must run first."""
        return next((c for c in reversed(self.contexts) if isinstance(c, Cleanup)), None)

    def protected(self, handler: int | None, depth: int, killed: tuple[str, ...] = ()) -> Callable[[], None]:
        """Set the handler and depth of the blocks to come; the result sets back what was."""
        saved = self.handler, self.depth, self.killed
        self.handler, self.depth, self.killed = handler, depth, killed

        def restore() -> None:
            self.handler, self.depth, self.killed = saved

        return restore

    def finish(self, name: str, parameters: list[str]) -> FunctionIR:
        """Return the finished graph."""
        scope = self.unit.scope
        return FunctionIR(
            name, parameters, self.blocks, dict(self.unit.env), sorted(scope.cells), sorted(scope.free),
            self.unit.is_generator, self.unit.is_async,
        )  # fmt: skip

    def _mark_captures(self, node: Any) -> bool:
        """Mark what binds a captured variable in a way that has no native form over cells."""
        if type(node) is ast.Name or type(node) is ast.Constant:
            return False
        found = id(node) in self.lowered or id(node) in self.lazy
        captured = self.rewriter.captured
        if isinstance(node, COMPREHENSIONS) and id(node) not in self.lazy and captured:
            targets = [n.id for g in node.generators for n in walk(g.target) if isinstance(n, ast.Name)]
            found = found or (not isinstance(node, ast.GeneratorExp) and any(t in captured for t in targets))
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name in captured:
            found = True
        elif isinstance(node, ast.MatchMapping) and node.rest in captured:
            found = True
        elif isinstance(node, ast.alias) and (node.asname or node.name.split(".")[0]) in captured:
            found = True
        is_inner = isinstance(node, FUNCTIONS) and node is not self.unit.node
        for child in outside_parts(node) if is_inner else children(node):
            if self._mark_captures(child):
                found = True
        if found:
            self.lowered.add(id(node))
        return found
