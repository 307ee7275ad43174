"""Which nodes and functions certainly reach another entity when they run, calls of other functions included.

A suspension point may turn out to be local; refusing it would refuse programs that work. What is found here cannot.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from stateflow.compiler.analysis.inference import Inference, ModuleNames
from stateflow.compiler.program import unwrap
from stateflow.compiler.trees import walk
from stateflow.compiler.types import Kind, resolve_value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stateflow.compiler.program import Program
    from stateflow.compiler.unit import FunctionUnit

__all__ = ["Certainty"]


class Certainty:
    """The nodes that certainly reach another entity, of all functions of an analysed program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._first: dict[FunctionUnit, ast.AST] = {}
        self._nodes: set[int] = set()
        candidates = [(u, u.suspension.nodes) for u in program.all_units() if u.suspension is not None]
        size = -1
        while size != len(self._nodes):
            size = len(self._nodes)
            for unit, nodes in candidates:
                self._note(unit, nodes)

    def first(self, unit: FunctionUnit) -> ast.AST | None:
        """Return the first node of a function that certainly reaches another entity; None when there is none."""
        return self._first.get(unit)

    def nodes(self, unit: FunctionUnit) -> list[ast.AST]:
        """Return the nodes of a function that certainly reach another entity."""
        return [n for n in unit.suspension.nodes if id(n) in self._nodes] if unit.suspension is not None else []

    def within(self, statements: Iterable[ast.AST]) -> ast.AST | None:
        """Return the first certain node below some nodes; None when there is none."""
        return _earliest(n for s in statements for n in walk(s) if id(n) in self._nodes)

    def of_nodes(self, unit: FunctionUnit, nodes: Iterable[ast.AST]) -> ast.AST | None:
        """Return the first of the suspension points of a function that is certain; None when none is."""
        return _earliest(n for n in nodes if self._reaches(unit, n))

    def called(self, unit: FunctionUnit, node: ast.expr) -> FunctionUnit | None:
        """Return the plain function that an expression stands for; None when that is not known."""
        if isinstance(node, ast.Lambda):
            return unit.children.get(id(node))
        found: FunctionUnit | None = None
        if isinstance(node, ast.Name):
            inner = [u for u in unit.children.values() if getattr(u.node, "name", None) == node.id]
            found = inner[0] if len(inner) == 1 else self.program.unit_of(resolve_value(node, ModuleNames(unit, self.program)))
        elif isinstance(node, ast.Attribute):
            receiver = Inference(unit, self.program).of(node.value)
            if receiver.kind is Kind.LOCAL and receiver.cls is not None:
                found = self._member(receiver.cls, node.attr, is_property=False)
            if found is None:
                found = self.program.unit_of(resolve_value(node, ModuleNames(unit, self.program)))
        return None if found is None or found.is_async or found.is_generator else found

    def _note(self, unit: FunctionUnit, nodes: Iterable[ast.AST]) -> None:
        certain = [n for n in nodes if id(n) in self._nodes or self._reaches(unit, n)]
        self._nodes.update(map(id, certain))
        first = _earliest(certain)
        if first is not None:
            self._first[unit] = first

    def _reaches(self, unit: FunctionUnit, node: ast.AST) -> bool:
        match node:
            case ast.Attribute(value=value, attr=name):
                owner = Inference(unit, self.program).of(value)
                if owner.kind is Kind.LOCAL and owner.cls is not None:
                    return self._member(owner.cls, name, is_property=True) in self._first
                return name != "__class__" and (owner.kind is Kind.ENTITY or self._is_addressed(unit, value))
            case ast.Call(func=function):
                created = resolve_value(function, ModuleNames(unit, self.program))
                return created in self.program.entity_set or self.called(unit, function) in self._first
            case ast.Await(value=ast.Call() as call):
                callee = Inference(unit, self.program).callee(call)
                return callee is not None and callee.is_async and callee in self._first
        return False

    def _is_addressed(self, unit: FunctionUnit, node: ast.expr) -> bool:
        """Tell whether an expression is `Class.by_key(...)`."""
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "by_key"):
            return False
        return resolve_value(node.func.value, ModuleNames(unit, self.program)) in self.program.entity_set

    def _member(self, cls: type, name: str, *, is_property: bool) -> FunctionUnit | None:
        member = self.program.member(cls, name)
        functions = unwrap(member)
        return self.program.unit_of(functions[0][0]) if functions and isinstance(member, property) is is_property else None


def _earliest(nodes: Iterable[ast.AST]) -> ast.AST | None:
    return min(nodes, key=lambda n: (n.lineno, n.col_offset), default=None)  # type: ignore[attr-defined]
