"""Generate the Python function of a control-flow graph.

The function takes the transaction, a frame or None, and the parameters. It runs blocks by program counter; at a suspension point it
saves its live variables and returns. Nodes that the user did not write have no line, so that tracebacks, breakpoints and
coverage see the user's lines alone.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from stateflow.compiler.analysis.effects import of_instruction, of_terminator
from stateflow.compiler.codegen.layout import Layout
from stateflow.compiler.codegen.sentinels import check_reads
from stateflow.compiler.ir import Block, Branch, Exec, Jump, Operate, Reraise, Return, Yield
from stateflow.compiler.trees import walk

if TYPE_CHECKING:
    from stateflow.compiler.ir import FunctionIR

__all__ = ["Emitter"]

GROUP = 8


def _load(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _assign(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _is(name: str, mark: str) -> ast.expr:
    return ast.Compare(_load(name), [ast.Is()], [_load(mark)])


def _call(function: str, arguments: list[ast.expr]) -> ast.expr:
    return ast.Call(_load(function), arguments, [])


def _tuple(names: tuple[str, ...]) -> ast.expr:
    return ast.Tuple([_load(n) for n in names], ast.Load())


class Emitter:
    """Generate the function of one graph; `layout` says afterwards where it saves what."""

    def __init__(self, function: FunctionIR) -> None:
        self.function = function
        self.layout = Layout(function)

    def function_def(self, name: str) -> ast.FunctionDef:
        """Return the generated function."""
        bodies = [(self.layout.pc[label], self._block(block)) for label, block in self.function.blocks.items()]
        for label, number in self.layout.stub.items():
            bodies.append((number, self._stub(self.function.blocks[label])))
        bodies.sort(key=lambda pair: pair[0])
        body = self._dispatch(bodies)
        if any(self._goes_back()):
            body = [ast.While(ast.Constant(True), [*body, ast.Break()], [])]
        if self.protects:
            body = [ast.Try(body, [self._on_exception()], [], [])]
        parameters = [ast.arg(n) for n in (".tx", ".frame", *self.function.parameters)]
        defaults: list[ast.expr] = [ast.Constant(None) for _ in parameters[1:]]
        arguments = ast.arguments([], parameters, None, [], [], None, defaults)
        result = ast.FunctionDef(name, arguments, [*self._prologue(), *body], [], None)
        without_lines(result)
        return result

    @property
    def protects(self) -> bool:
        """Tell whether the function has handlers."""
        return any(b.handler is not None for b in self.function.blocks.values())

    def handlers(self) -> tuple[tuple[int, int, tuple[int, ...]] | None, ...]:
        """Return the table that `Code.handlers` describes."""
        table: list[tuple[int, int, tuple[int, ...]] | None] = [None] * self.layout.count
        position = {name: i for i, name in enumerate(self.layout.guarded)}
        for label, block in self.function.blocks.items():
            if block.handler is None:
                continue
            names = self.layout.saved[self.layout.pc[block.handler]]
            where = tuple(-1 if n in block.killed else position[n] for n in names)
            entry = (self.layout.pc[block.handler], self.function.blocks[block.handler].depth, where)
            table[self.layout.pc[label]] = entry
            if label in self.layout.stub:
                table[self.layout.stub[label]] = entry
        return tuple(table)

    def _goes_back(self) -> list[bool]:
        marks = []
        for label, block in self.function.blocks.items():
            marks += [self.layout.pc[s] <= self.layout.pc[label] and self._same_depth(block, s) for s in block.successors()]
        return marks

    def _same_depth(self, block: Block, target: int) -> bool:
        return self.function.blocks[target].depth == block.depth

    def _prologue(self) -> list[ast.stmt]:
        entry: list[ast.stmt] = [_assign(".pc", ast.Constant(0))]
        restore: list[ast.stmt] = [_assign(".pc", ast.Attribute(_load(".frame"), "pc", ast.Load()))]
        points = sorted(self.layout.saved.items())
        if points:
            restore += self._choose([(pc, self._restore(names)) for pc, names in points])
        result: list[ast.stmt] = []
        fresh = sorted(self.layout.tracked - set(self.function.parameters))
        if fresh:
            result.append(ast.Assign([ast.Name(n, ast.Store()) for n in fresh], _load(".UNBOUND")))
        if not points:
            return [*result, *entry]
        if any(b.depth for b in self.function.blocks.values()):
            handled = ast.Attribute(_load(".frame"), "handled", ast.Load())
            last = ast.Subscript(handled, ast.Constant(-1), ast.Load())
            found = ast.IfExp(handled, last, ast.Constant(None))
            restore.append(_assign(".exception", found))
        return [*result, ast.If(_is(".frame", ".None"), entry, restore)]

    @staticmethod
    def _restore(names: tuple[str, ...]) -> list[ast.stmt]:
        if not names:
            return [ast.Pass()]
        target = ast.Tuple([ast.Name(n, ast.Store()) for n in names], ast.Store())
        return [ast.Assign([target], ast.Attribute(_load(".frame"), "locals", ast.Load()))]

    def _choose(self, cases: list[tuple[int, list[ast.stmt]]]) -> list[ast.stmt]:
        """Return a binary search over program counters."""
        if len(cases) == 1:
            return cases[0][1]
        middle = len(cases) // 2
        test = ast.Compare(_load(".pc"), [ast.Lt()], [ast.Constant(cases[middle][0])])
        return [ast.If(test, self._choose(cases[:middle]), self._choose(cases[middle:]))]

    def _dispatch(self, bodies: list[tuple[int, list[ast.stmt]]]) -> list[ast.stmt]:
        """Guard each body by its program counter, in groups, so that a jump passes few guards."""
        if len(bodies) == 1:
            return bodies[0][1]
        if len(bodies) <= GROUP:
            return [ast.If(ast.Compare(_load(".pc"), [ast.Eq()], [ast.Constant(pc)]), body, []) for pc, body in bodies]
        step = GROUP
        while len(bodies) > step * GROUP:
            step *= GROUP
        result: list[ast.stmt] = []
        for start in range(0, len(bodies), step):
            part = bodies[start : start + step]
            inner = self._dispatch(part)
            if start + step < len(bodies):
                test = ast.Compare(_load(".pc"), [ast.Lt()], [ast.Constant(bodies[start + step][0])])
                result.append(ast.If(test, inner, []))
            else:
                result += inner
        return result

    def _on_exception(self) -> ast.ExceptHandler:
        handler = ast.Subscript(_load(".handlers"), _load(".pc"), ast.Load())
        unhandled = ast.If(ast.Compare(handler, [ast.Is()], [ast.Constant(None)]), [ast.Raise(None, None)], [])
        arguments: list[ast.expr] = [_load(".code"), _load(".pc"), _load(".e"), _tuple(self.layout.guarded), _load(".frame")]
        return ast.ExceptHandler(_load(".BaseException"), ".e", [unhandled, ast.Return(_call(".unwind", arguments))])

    def _block(self, block: Block) -> list[ast.stmt]:
        bound = set(self.layout.bound[block.label])
        result: list[ast.stmt] = []
        for instruction in block.instructions:
            effects = of_instruction(instruction)
            doubtful = (effects.uses & self.layout.tracked) - bound
            if isinstance(instruction, Exec):
                result += self._statement(instruction.statement, doubtful, effects.unbinds)
            else:
                value = self._checked(instruction.value, doubtful)
                result.append(ast.copy_location(_assign(instruction.target, value), instruction.value))
            bound = (bound | effects.binds) - effects.unbinds
        doubtful = (of_terminator(block.terminator).uses & self.layout.tracked) - bound
        return [*result, *self._terminator(block, doubtful)]

    def _checked(self, node: ast.expr, doubtful: set[str]) -> ast.expr:
        doubtful = {n for n in doubtful if not n.startswith(".")}
        return check_reads(node, self.layout.tracked, doubtful) if doubtful else node

    def _statement(self, node: ast.stmt, doubtful: set[str], unbinds: set[str]) -> list[ast.stmt]:
        doubtful = {n for n in doubtful if not n.startswith(".")}
        if not doubtful and not unbinds & self.layout.tracked:
            return [node]
        checked = check_reads(node, self.layout.tracked, doubtful)
        return checked if isinstance(checked, list) else [checked]

    def _terminator(self, block: Block, doubtful: set[str]) -> list[ast.stmt]:
        match block.terminator:
            case Jump(target):
                return self._go(block, target)
            case Branch(test, then, orelse):
                checked = self._checked(test, doubtful)
                return [ast.If(checked, self._go(block, then), self._go(block, orelse))]
            case Return(value):
                return [ast.copy_location(ast.Return(self._checked(value, doubtful)), value)]
            case Reraise():
                return [ast.Raise(None, None)]
            case Operate() as operation:
                return self._operate(block, operation, doubtful)
            case Yield() as operation:
                return self._yield(block, operation, doubtful)
        return [ast.Raise(_load(".AssertionError"), None)]

    def _go(self, block: Block, target: int) -> list[ast.stmt]:
        """Go on at another block; out of `except` clauses by returning."""
        number = self.layout.pc[target]
        if not self._same_depth(block, target):
            names = self.layout.save_at_block(target)
            depth = self.function.blocks[target].depth
            handled = ast.Attribute(_load(".frame"), "handled", ast.Load())
            outer = ast.Subscript(handled, ast.Slice(None, ast.Constant(depth), None), ast.Load())
            return [ast.Return(_call(".leave", [_load(".code"), ast.Constant(number), _tuple(names), outer]))]
        result = [_assign(".pc", ast.Constant(number))]
        if number <= self.layout.pc[block.label]:
            result.append(ast.Continue())
        return result

    def _handled(self, block: Block) -> ast.expr:
        if block.depth == 0:
            return ast.Tuple([], ast.Load())
        return ast.Attribute(_load(".frame"), "handled", ast.Load())

    def _operate(self, block: Block, operation: Operate, doubtful: set[str]) -> list[ast.stmt]:
        stub = self.layout.stub[block.label]
        call = self._checked(operation.call, doubtful)
        saved = _tuple(self.layout.saved[stub])
        capture = ast.Call(
            ast.Attribute(_load(".tx"), "capture", ast.Load()),
            [_load(".code"), ast.Constant(stub), saved, self._handled(block)],
            [],
        )
        suspend = ast.If(_is(".r", ".SUSPENDED"), [ast.Return(capture)], [])
        first = ast.copy_location(_assign(".r", call), operation.call)
        return [first, suspend, *self._receive(block, operation)]

    def _receive(self, block: Block, operation: Operate) -> list[ast.stmt]:
        """Take the value of an operation from `.r` and go on."""
        bind = [_assign(operation.target, _load(".r"))] if operation.target is not None else []
        if operation.stop is None:
            return [*bind, *self._go(block, operation.next)]
        stop = self._go(block, operation.stop)
        return [ast.If(_is(".r", ".STOP"), stop, [*bind, *self._go(block, operation.next)])]

    def _yield(self, block: Block, operation: Yield, doubtful: set[str]) -> list[ast.stmt]:
        stub = self.layout.stub[block.label]
        give = ast.Call(
            ast.Attribute(_load(".tx"), "give", ast.Load()),
            [
                _load(".code"), ast.Constant(stub), _tuple(self.layout.saved[stub]), self._handled(block),
                self._checked(operation.value, doubtful),
            ],
            [],
        )  # fmt: skip
        return [ast.copy_location(ast.Return(give), operation.value)]

    def _stub(self, block: Block) -> list[ast.stmt]:
        """Go on after a suspension: take the value, or raise the exception, at the user's line."""
        operation = block.terminator
        assert isinstance(operation, Operate | Yield)
        at = operation.call if isinstance(operation, Operate) else operation.value
        resumed = ast.Call(ast.Attribute(_load(".tx"), "resumed", ast.Load()), [_load(".frame")], [])
        for node in walk(resumed):
            ast.copy_location(node, at)
        first = ast.copy_location(_assign(".r", resumed), at)
        if isinstance(operation, Operate):
            return [first, *self._receive(block, operation)]
        bind = [_assign(operation.target, _load(".r"))] if operation.target is not None else []
        return [first, *bind, *self._go(block, operation.next)]


def without_lines(tree: Any) -> Any:
    """Give nodes without a place the place "no line"; such code has no line events."""
    node: Any
    for node in walk(tree):
        if "lineno" in node._attributes:
            if getattr(node, "lineno", None) is None:
                node.lineno = node.end_lineno = node.col_offset = node.end_col_offset = -1
            elif getattr(node, "end_lineno", None) is None:
                node.end_lineno, node.end_col_offset = node.lineno, node.col_offset
    return tree
