"""Generate the Python function of a control-flow graph.

The function takes the transaction, a frame or None, and the parameters. It runs blocks by program counter; at a suspension point it
saves its live variables and returns. Nodes that the user did not write have no line, so that tracebacks, breakpoints and
coverage see the user's lines alone.
"""

from __future__ import annotations

import ast
from itertools import groupby
from typing import TYPE_CHECKING

from stateflow.compiler.codegen.layout import Layout
from stateflow.compiler.codegen.nodes import assign, attribute, compare, constant, go_to, invoke, load, names_tuple, place
from stateflow.compiler.codegen.sentinels import check_reads
from stateflow.compiler.frontend.names import load as load_at
from stateflow.compiler.frontend.names import operation as call_of
from stateflow.compiler.ir import Block, Branch, Exec, Jump, Operate, Reraise, Return, Yield
from stateflow.compiler.trees import copy_place

if TYPE_CHECKING:
    from stateflow.compiler.ir import FunctionIR

__all__ = ["Emitter"]

GROUP = 8
IS, EQUAL, LESS = ast.Is(), ast.Eq(), ast.Lt()


def _if(test: ast.expr, body: list[ast.stmt], orelse: list[ast.stmt] | None = None) -> ast.stmt:
    return place(ast.If(test, body, orelse or []))


def _return(value: ast.expr) -> ast.stmt:
    return place(ast.Return(value))


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
            body = [place(ast.While(constant(True), [*body, place(ast.Break())], []))]
        if self.protects:
            body = [place(ast.Try(body, [self._on_exception()], [], []))]
        parameters = [place(ast.arg(n)) for n in (".tx", ".frame", *self.function.parameters)]
        defaults: list[ast.expr] = [constant(None) for _ in parameters[1:]]
        arguments = ast.arguments([], parameters, None, [], [], None, defaults)
        return place(ast.FunctionDef(name, arguments, [*self._prologue(), *body], [], None))

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
        entry: list[ast.stmt] = [go_to(0)]
        restore: list[ast.stmt] = [assign([".pc"], attribute(".frame", "pc"))]
        points = sorted(self.layout.saved.items())
        if points:
            # Neighbours that save the same variables share the code that brings them back.
            runs = [(next(run)[0], names) for names, run in groupby(points, key=lambda point: point[1])]
            restore += self._choose([(pc, self._restore(names)) for pc, names in runs])
        result: list[ast.stmt] = []
        fresh = sorted(self.layout.tracked - set(self.function.parameters))
        if fresh:
            result.append(assign(fresh, load(".UNBOUND")))
        if not points:
            return [*result, *entry]
        if any(b.depth for b in self.function.blocks.values()):
            handled = attribute(".frame", "handled")
            last = place(ast.Subscript(handled, constant(-1), ast.Load()))
            restore.append(assign([".exception"], place(ast.IfExp(handled, last, constant(None)))))
        return [*result, _if(compare(".frame", IS, load(".None")), entry, restore)]

    @staticmethod
    def _restore(names: tuple[str, ...]) -> list[ast.stmt]:
        if not names:
            return [place(ast.Pass())]
        return [place(ast.Assign([names_tuple(names, is_target=True)], attribute(".frame", "locals")))]

    def _choose(self, cases: list[tuple[int, list[ast.stmt]]]) -> list[ast.stmt]:
        """Return a binary search over program counters."""
        if len(cases) == 1:
            return cases[0][1]
        middle = len(cases) // 2
        test = compare(".pc", LESS, constant(cases[middle][0]))
        return [_if(test, self._choose(cases[:middle]), self._choose(cases[middle:]))]

    def _dispatch(self, bodies: list[tuple[int, list[ast.stmt]]]) -> list[ast.stmt]:
        """Guard each body by its program counter, in groups, so that a jump passes few guards."""
        if len(bodies) == 1:
            return bodies[0][1]
        if len(bodies) <= GROUP:
            return [_if(compare(".pc", EQUAL, constant(pc)), body) for pc, body in bodies]
        step = GROUP
        while len(bodies) > step * GROUP:
            step *= GROUP
        result: list[ast.stmt] = []
        for start in range(0, len(bodies), step):
            part = bodies[start : start + step]
            inner = self._dispatch(part)
            if start + step < len(bodies):
                result.append(_if(compare(".pc", LESS, constant(bodies[start + step][0])), inner))
            else:
                result += inner
        return result

    def _on_exception(self) -> ast.ExceptHandler:
        handler = place(ast.Subscript(load(".handlers"), load(".pc"), ast.Load()))
        unhandled = _if(place(ast.Compare(handler, [IS], [constant(None)])), [place(ast.Raise(None, None))])
        arguments: list[ast.expr] = [load(".code"), load(".pc"), load(".e"), names_tuple(self.layout.guarded), load(".frame")]
        unwind = _return(invoke(load(".unwind"), arguments))
        return place(ast.ExceptHandler(load(".BaseException"), ".e", [unhandled, unwind]))

    def _block(self, block: Block) -> list[ast.stmt]:
        bindings = self.layout.bindings
        bound = bindings.at_start[block.label]
        result: list[ast.stmt] = []
        *found, last = self.layout.effects[block.label]
        for instruction, effects in zip(block.instructions, found, strict=True):
            doubtful = bindings.missing(bound, effects.uses & self.layout.tracked)
            if isinstance(instruction, Exec):
                result += self._statement(instruction.statement, doubtful, effects.unbinds)
            else:
                value = self._checked(instruction.value, doubtful)
                result.append(copy_place(assign([instruction.target], value), instruction.value))
            bound = bindings.after(bound, effects)
        doubtful = bindings.missing(bound, last.uses & self.layout.tracked)
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
                return [_if(checked, self._go(block, then), self._go(block, orelse))]
            case Return(value):
                return [copy_place(ast.Return(self._checked(value, doubtful)), value)]
            case Reraise():
                return [place(ast.Raise(None, None))]
            case Operate() as operation:
                return self._operate(block, operation, doubtful)
            case Yield() as operation:
                return self._yield(block, operation, doubtful)
        return [place(ast.Raise(load(".AssertionError"), None))]

    def _go(self, block: Block, target: int) -> list[ast.stmt]:
        """Go on at another block; out of `except` clauses by returning."""
        number = self.layout.pc[target]
        if not self._same_depth(block, target):
            names = self.layout.save_at_block(target)
            kept = place(ast.Slice(None, constant(self.function.blocks[target].depth), None))
            outer = place(ast.Subscript(attribute(".frame", "handled"), kept, ast.Load()))
            return [_return(invoke(load(".leave"), [load(".code"), constant(number), names_tuple(names), outer]))]
        if number <= self.layout.pc[block.label]:
            return [go_to(number), place(ast.Continue())]
        return [go_to(number)]

    def _handled(self, block: Block) -> ast.expr:
        return attribute(".frame", "handled") if block.depth else names_tuple(())

    def _operate(self, block: Block, operation: Operate, doubtful: set[str]) -> list[ast.stmt]:
        stub = self.layout.stub[block.label]
        call = self._checked(operation.call, doubtful)
        saved = names_tuple(self.layout.saved[stub])
        capture = invoke(attribute(".tx", "capture"), [load(".code"), constant(stub), saved, self._handled(block)])
        suspend = _if(compare(".r", IS, load(".SUSPENDED")), [_return(capture)])
        first = copy_place(assign([".r"], call), operation.call)
        return [first, suspend, *self._receive(block, operation)]

    def _receive(self, block: Block, operation: Operate) -> list[ast.stmt]:
        """Take the value of an operation from `.r` and go on."""
        bind = [assign([operation.target], load(".r"))] if operation.target is not None else []
        if operation.stop is None:
            return [*bind, *self._go(block, operation.next)]
        stop = self._go(block, operation.stop)
        return [_if(compare(".r", IS, load(".STOP")), stop, [*bind, *self._go(block, operation.next)])]

    def _yield(self, block: Block, operation: Yield, doubtful: set[str]) -> list[ast.stmt]:
        stub = self.layout.stub[block.label]
        value = self._checked(operation.value, doubtful)
        arguments = [load(".code"), constant(stub), names_tuple(self.layout.saved[stub]), self._handled(block), value]
        return [copy_place(_return(invoke(attribute(".tx", "give"), arguments)), operation.value)]

    def _stub(self, block: Block) -> list[ast.stmt]:
        """Go on after a suspension: take the value, or raise the exception, at the user's line."""
        operation = block.terminator
        assert isinstance(operation, Operate | Yield)
        at = operation.call if isinstance(operation, Operate) else operation.value
        first = copy_place(assign([".r"], call_of("resumed", [load_at(".frame", at)], at)), at)
        if isinstance(operation, Operate):
            return [first, *self._receive(block, operation)]
        bind = [assign([operation.target], load(".r"))] if operation.target is not None else []
        return [first, *bind, *self._go(block, operation.next)]
