"""What the compiler makes of one method: its suspension points, what is saved at each, and its control-flow graph."""

from __future__ import annotations

import ast
import difflib
import linecache
from typing import TYPE_CHECKING, Any

import msgspec

from stateflow.compiler.analysis.read_only import ReadOnly
from stateflow.compiler.analysis.read_only_body import Write
from stateflow.compiler.codegen.layout import Layout
from stateflow.compiler.ir import Operate, Yield
from stateflow.compiler.ir.printer import print_block, print_ir
from stateflow.compiler.pipeline import analyse, lower
from stateflow.compiler.program import Program, unwrap
from stateflow.compiler.source import node_span
from stateflow.errors import ConfigurationError
from stateflow.references import is_dunder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stateflow.compiler.ir import Block, FunctionIR
    from stateflow.compiler.unit import FunctionUnit

__all__ = ["BlockText", "Explanation", "SuspensionPoint", "explain", "explain_writes"]

Place = tuple[int, int, int, int]


class SuspensionPoint(msgspec.Struct, frozen=True):
    """A place where a method may wait for another entity.

    Lines count from 1, columns are characters and count from 0; the end column is not included. `source` is the text there, `reason` why
    it may suspend, `live` the variables that a frame holds meanwhile.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    source: str
    reason: str
    live: tuple[str, ...]


class BlockText(msgspec.Struct, frozen=True):
    """A block of the control-flow graph: its label, its text, the blocks that may follow, and the variables that are live at its start."""

    label: str
    text: str
    successors: tuple[str, ...]
    live: tuple[str, ...]


class Explanation(msgspec.Struct, frozen=True):
    """What the compiler makes of one function.

    `first_line` is the number of the first of `source_lines`. A native function (`is_resumable` false) runs as it is and has neither
    suspension points nor blocks. `inner` explains the functions inside. `write` is the first thing that may change an entity when a client
    calls the method; None when the method is proved to be read-only, and for the functions inside.
    """

    name: str
    file: str
    first_line: int
    source_lines: tuple[str, ...]
    is_resumable: bool
    why: str
    points: tuple[SuspensionPoint, ...]
    ir: str
    blocks: tuple[BlockText, ...]
    inner: tuple[Explanation, ...]
    write: Write | None = None


def explain(classes: Sequence[type], cls: type, method: str) -> Explanation:
    """Explain a method.

    Args:
        classes: all entity classes of the flow; what a method may reach depends on them.
        cls: the class that has the method.
        method: its name; of a property, its getter is explained.

    Raises:
        ConfigurationError: the class has no such method, or its source is not there.
        CompileError: the method cannot be compiled.
    """
    program = Program(classes)
    analyse(program)
    member = program.member(cls, method)
    functions = unwrap(member)
    if not functions:
        raise ConfigurationError(f"SF540: {cls.__name__} has no method {method!r}; {_advice(cls, method, program)}")
    unit = program.unit_of(functions[0][0])
    if unit is None:
        raise ConfigurationError(f"SF540: {cls.__name__}.{method} has no source in a module of the user; there is nothing to explain")
    return msgspec.structs.replace(_explain_unit(unit, program), write=ReadOnly(program).write_of(cls, method))


def explain_writes(classes: Sequence[type]) -> dict[str, Write | None]:
    """Return the first thing in each method that may change an entity; None for those that are proved to be read-only.

    Args:
        classes: all entity classes of the flow.

    Returns:
        The answers by the names of the methods and properties, such as `User.buy_item`.
    """
    program = Program(classes)
    analyse(program)
    proof = ReadOnly(program)
    names = {(cls, name): None for cls in classes for base in reversed(cls.__mro__[:-1]) for name in base.__dict__ if not is_dunder(name)}
    methods = [(cls, name) for cls, name in names if name != "by_key" and unwrap(program.member(cls, name))]
    return {f"{cls.__qualname__}.{name}": proof.write_of(cls, name) for cls, name in methods}


def _advice(cls: type, method: str, program: Program) -> str:
    names = sorted({n for base in cls.__mro__[:-1] for n in base.__dict__ if unwrap(program.member(cls, n)) and n != "by_key"})
    near = difflib.get_close_matches(method, names, 1)
    return f"did you mean {near[0]!r}?" if near else f"its methods are {', '.join(names) or 'none'}"


def _explain_unit(unit: FunctionUnit, program: Program) -> Explanation:
    lines = linecache.getlines(unit.filename, unit.names)
    first, last = _extent(unit.node)
    inner = tuple(_explain_unit(child, program) for child in unit.children.values())
    if not unit.resumable:
        why = "nothing in it can reach another entity, so it runs as it is"
        return Explanation(
            unit.name, unit.filename, first, tuple(line.rstrip("\n") for line in lines[first - 1 : last]), False, why, (), "", (), inner
        )
    function = lower(unit, program)
    layout = Layout(function)
    blocks = tuple(_block(block, layout) for block in function.blocks.values())
    points = tuple(_points(unit, function, layout, lines))
    return Explanation(
        name=unit.name,
        file=unit.filename,
        first_line=first,
        source_lines=tuple(line.rstrip("\n") for line in lines[first - 1 : last]),
        is_resumable=True,
        why=_why(unit, points),
        points=points,
        ir=print_ir(function),
        blocks=blocks,
        inner=inner,
    )


def _extent(node: Any) -> tuple[int, int]:
    decorators = getattr(node, "decorator_list", [])
    return min([node.lineno, *[d.lineno for d in decorators]]), node.end_lineno or node.lineno


def _why(unit: FunctionUnit, points: Sequence[SuspensionPoint]) -> str:
    if points:
        return f"it may wait for another entity at {len(points)} suspension point{'s' * (len(points) != 1)}"
    if unit.is_async or unit.is_generator:
        return "it is a coroutine" if unit.is_async else "it is a generator"
    return "it asks for the time, random numbers or a type, or makes a function that suspends"


def _block(block: Block, layout: Layout) -> BlockText:
    live = tuple(sorted(name for name in layout.live_in[block.label] if not name.startswith(".")))
    return BlockText(f"L{block.label}", print_block(block), tuple(f"L{s}" for s in block.successors()), live)


def _points(unit: FunctionUnit, function: FunctionIR, layout: Layout, lines: Sequence[str]) -> Iterator[SuspensionPoint]:
    assert unit.suspension is not None
    reasons = unit.suspension.points
    nodes: list[Any] = [node for node in unit.suspension.nodes if hasattr(node, "lineno")]
    # A method call is one point, though its attribute is found as another.
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    nodes = sorted((n for n in nodes if id(n) not in called), key=_place)
    live = _live_by_place(function, layout)
    places = {_place(node) for node in nodes}
    for node in nodes:
        span = node_span(unit.filename, lines, node)
        yield SuspensionPoint(
            span.line,
            span.column,
            span.end_line,
            span.end_column,
            _text(lines, span.line, span.column, span.end_line, span.end_column),
            reasons[id(node)],
            tuple(sorted(_live_at(_place(node), places, live))),
        )


def _live_at(place: Place, places: set[Place], live: dict[Place, set[str]]) -> set[str]:
    """Return what is saved at a point: at its own operation, or at those of its parts that are no points themselves."""
    if place in live:
        return live[place]
    inside = [at for at in live if at not in places and place[:2] <= at[:2] and at[2:] <= place[2:]]
    return set().union(*(live[at] for at in inside))


def _live_by_place(function: FunctionIR, layout: Layout) -> dict[Place, set[str]]:
    """Return the user's variables that are saved at each operation, by where it stands in the source."""
    found: dict[Place, set[str]] = {}
    for label, stub in layout.stub.items():
        terminator = function.blocks[label].terminator
        assert isinstance(terminator, Operate | Yield)
        node = terminator.call if isinstance(terminator, Operate) else terminator.value
        names = {name.removeprefix(".cell.") for name in layout.saved[stub]}
        found.setdefault(_place(node), set()).update(name for name in names if not name.startswith("."))
    return found


def _place(node: Any) -> Place:
    return (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)


def _text(lines: Sequence[str], line: int, column: int, end_line: int, end_column: int) -> str:
    if line == end_line:
        return lines[line - 1][column:end_column]
    whole = [lines[line - 1][column:], *lines[line : end_line - 1], lines[end_line - 1][:end_column]]
    return "".join(whole)
