"""The dataflow graph: an operator for each entity class, an edge for each way that a method reaches another entity.

What helper functions and value objects reach counts for the methods that call them. Methods that a method calls on `self` have edges of
their own.
"""

from __future__ import annotations

import ast
import inspect
from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from stateflow.compiler.analysis import dunders
from stateflow.compiler.analysis.inference import Inference
from stateflow.compiler.program import unwrap
from stateflow.compiler.trees import walk
from stateflow.compiler.types import Kind, resolve_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stateflow.compiler.program import Program
    from stateflow.compiler.unit import FunctionUnit

__all__ = ["Edge", "EdgeKind", "Field", "Graph", "Method", "Operator", "build_graph", "field_names"]


class EdgeKind(Enum):
    """What a method does to another entity."""

    CALL = "calls"
    READ = "reads"
    WRITE = "writes"
    CREATE = "creates"
    DELETE = "deletes"


class Field(msgspec.Struct, frozen=True):
    """An attribute of an entity class; `type` is what the compiler knows of it, `?` when that is nothing."""

    name: str
    type: str


class Method(msgspec.Struct, frozen=True):
    """A method or property of an entity class. `suspends` says that it may wait for another entity."""

    name: str
    parameters: tuple[str, ...]
    suspends: bool


class Operator(msgspec.Struct, frozen=True):
    """An entity class; its entities are partitioned by their key."""

    name: str
    fields: tuple[Field, ...]
    methods: tuple[Method, ...]


class Edge(msgspec.Struct, frozen=True):
    """One way from a method to another entity.

    `member` is the method or attribute that is reached; `__init__` for a creation, empty for a deletion. `line` is that in the method's
    file. `is_certain` is false where the class of the receiver is not known and this is one that has such a member.
    """

    operator: str
    method: str
    kind: EdgeKind
    target: str
    member: str
    line: int
    is_certain: bool


class Graph(msgspec.Struct, frozen=True):
    """The operators of a dataflow and the edges between them."""

    operators: tuple[Operator, ...]
    edges: tuple[Edge, ...]


def build_graph(program: Program) -> Graph:
    """Return the graph of an analysed program.

    Args:
        program: what `stateflow.compiler.pipeline.analyse` has seen, such as `flow.program`.
    """
    methods = {cls: dict(_methods(cls, program)) for cls in program.entities}
    fields = {cls: field_names(cls, program) for cls in program.entities}
    names = _names(program.entities)
    operators = [
        Operator(
            names[cls],
            tuple(Field(name, str(program.field_type(name))) for name in fields[cls]),
            tuple(Method(name, _parameters(unit), unit.resumable) for name, unit in methods[cls].items()),
        )
        for cls in program.entities
    ]
    members = {cls: {*fields[cls], *methods[cls]} for cls in program.entities}
    finder = _EdgeFinder(program, members, names)
    edges = [
        msgspec.structs.replace(edge, operator=names[cls], method=name)
        for cls in program.entities
        for name, unit in methods[cls].items()
        for edge in finder.edges_of(unit)
    ]
    return Graph(tuple(operators), tuple(dict.fromkeys(edges)))


def _names(classes: Sequence[type]) -> dict[type, str]:
    """Return the name of each class, with its module where two classes share their name."""
    short = [cls.__name__ for cls in classes]
    return {cls: cls.__name__ if short.count(cls.__name__) == 1 else f"{cls.__module__}.{cls.__qualname__}" for cls in classes}


def _methods(cls: type, program: Program) -> Iterator[tuple[str, FunctionUnit]]:
    """Yield the methods of a class and its bases, those of bases first; of a property its getter."""
    names = dict.fromkeys(name for base in reversed(cls.__mro__) for name in base.__dict__)
    for name in names:
        for function, _ in unwrap(program.member(cls, name))[:1]:
            unit = program.unit_of(function)
            if unit is not None:
                yield name, unit


def _parameters(unit: FunctionUnit) -> tuple[str, ...]:
    arguments = unit.node.args
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    return (*(names if unit.is_static else names[1:]), *[a.arg for a in arguments.kwonlyargs])


def field_names(cls: type, program: Program) -> tuple[str, ...]:
    """Return the attributes that a class declares, or that its methods set on `self`, in this order."""
    found = {name: None for base in reversed(cls.__mro__) for name in inspect.get_annotations(base)}
    # An overridden method counts too: it may be reached by super().
    functions = [f for base in reversed(cls.__mro__) for member in base.__dict__.values() for f, _ in unwrap(member)]
    for unit in filter(None, map(program.unit_of, functions)):
        arguments = (*unit.node.args.posonlyargs, *unit.node.args.args)
        if not arguments or unit.is_static or unit.is_class:
            continue
        for node in walk(unit.node):
            match node:
                case ast.Attribute(value=ast.Name(id=name), attr=attribute, ctx=ast.Store()) if name == arguments[0].arg:
                    found.setdefault(attribute)
    return tuple(name for name in found if program.member(cls, name) is None or not unwrap(program.member(cls, name)))


class _EdgeFinder:
    """Finds what one function reaches, together with the functions inside it and the helper functions that it calls."""

    def __init__(self, program: Program, members: dict[type, set[str]], names: dict[type, str]) -> None:
        self.program = program
        self.members = members
        self.names = names

    def edges_of(self, unit: FunctionUnit) -> Iterator[Edge]:
        """Yield the edges of a function, without their operator and method."""
        seen: set[int] = set()
        waiting = [unit]
        while waiting:
            current = waiting.pop(0)
            if id(current) in seen:
                continue
            seen.add(id(current))
            for part in current.family():
                yield from self._own_edges(part)
                waiting += self._helpers(part)

    def _helpers(self, unit: FunctionUnit) -> Iterator[FunctionUnit]:
        inference = Inference(unit, self.program)
        for node in walk(unit.node):
            if isinstance(node, ast.Call):
                callee = inference.callee(node)
                if callee is not None and callee.owner not in self.program.entity_set:
                    yield callee

    def _own_edges(self, unit: FunctionUnit) -> Iterator[Edge]:
        if unit.suspension is None:
            return
        nodes = unit.suspension.nodes
        called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
        inference = Inference(unit, self.program)
        for node in sorted(nodes, key=lambda n: (getattr(n, "lineno", 0), getattr(n, "col_offset", 0))):
            if id(node) in called:
                continue
            for kind, target, member, is_certain in self._reached(unit, inference, node):
                yield Edge("", "", kind, self.names[target], member, getattr(node, "lineno", 0), is_certain)

    def _reached(self, unit: FunctionUnit, inference: Inference, node: ast.AST) -> Iterator[tuple[EdgeKind, type, str, bool]]:
        match node:
            case ast.Call(func=func, args=args):
                value = _fixed_value(unit, func)
                if isinstance(value, type) and value in self.program.entity_set:
                    yield EdgeKind.CREATE, value, "__init__", True
                elif getattr(value, "__module__", None) == "stateflow.entity" and getattr(value, "__name__", "") == "delete" and args:
                    for cls, is_certain in self._classes(inference, args[0], None):
                        yield EdgeKind.DELETE, cls, "", is_certain
                elif isinstance(func, ast.Name) and inference.is_builtin(func.id):
                    yield from self._asked(inference, dunders.BUILTINS.get(func.id, frozenset()), args)
                elif isinstance(func, ast.Attribute) and value is None:
                    for cls, is_certain in self._classes(inference, func.value, func.attr):
                        yield EdgeKind.CALL, cls, func.attr, is_certain
            case ast.Attribute(value=owner, attr=name, ctx=context):
                kind = EdgeKind.READ if isinstance(context, ast.Load) else EdgeKind.WRITE
                for cls, is_certain in self._classes(inference, owner, name):
                    yield kind, cls, name, is_certain
            case ast.For(iter=iterable):
                yield from self._asked(inference, dunders.ITERATION, [iterable])
            case ast.With(items=items) | ast.AsyncWith(items=items):
                yield from self._asked(inference, dunders.CONTEXT, [item.context_expr for item in items])
            case _:
                for names, operands in dunders.used_by(node):
                    yield from self._asked(inference, names, operands)

    def _asked(
        self, inference: Inference, names: frozenset[str], operands: Iterable[ast.expr]
    ) -> Iterator[tuple[EdgeKind, type, str, bool]]:
        """Yield the special methods of entities that syntax or a function of Python calls on some operands."""
        for operand in operands:
            for name in sorted(names & self.program.dunders):
                for cls, is_certain in self._classes(inference, operand, name):
                    if name in self.members[cls]:
                        yield EdgeKind.CALL, cls, name, is_certain

    def _classes(self, inference: Inference, receiver: ast.expr, member: str | None) -> Iterator[tuple[type, bool]]:
        """Yield the entity classes that a receiver may be of, and whether that is certain."""
        kind = inference.of(receiver)
        if kind.kind is Kind.ENTITY and kind.cls is not None:
            yield kind.cls, True
        elif kind.kind is Kind.UNKNOWN:
            for cls in self.program.entities:
                if member is None or member in self.members[cls]:
                    yield cls, False


def _fixed_value(unit: FunctionUnit, node: ast.expr) -> object:
    """Return the object that a dotted name stands for; None when a variable of the function hides it."""
    root = node
    while isinstance(root, ast.Attribute):
        root = root.value
    is_variable = isinstance(root, ast.Name) and (root.id in unit.scope.bound or root.id in unit.scope.free)
    return None if is_variable else resolve_value(node, unit.names)
