"""What the checks look at: every function that the entity classes reach, its tree walked once, and the bag of findings."""

from __future__ import annotations

import ast
import linecache
import sys
import types
from typing import TYPE_CHECKING, Any

from stateflow.compiler.catalogue import CATALOGUE
from stateflow.compiler.checks.names import Names
from stateflow.compiler.diagnostics import Diagnostic, DiagnosticBag, Span
from stateflow.compiler.function_values import callables_in
from stateflow.compiler.program import unwrap
from stateflow.compiler.scope import mangle
from stateflow.compiler.source import class_file, class_node, node_span, source_function
from stateflow.compiler.types import derives
from stateflow.compiler.user_code import UserCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stateflow.compiler.source import SourceFunction

__all__ = ["Context", "Unit"]

_IGNORED = (ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)


class Unit:
    """One function of the closed world.

    `node` is its tree as the user wrote it, `owner` the class whose body holds it (None for a function of the module), `nodes` its
    nodes by their type, those of functions inside it too.
    """

    def __init__(self, source: SourceFunction, *, is_static: bool, is_class: bool) -> None:
        self.source = source
        self.node: Any = source.node
        self.owner = source.owner
        self.is_static = is_static
        self.is_class = is_class
        self.nodes: dict[type, list[Any]] = {}
        self._walk()
        self.names = Names(source.function, self.nodes)

    def of(self, *kinds: type) -> Iterator[Any]:
        """Yield the nodes of some types."""
        for kind in kinds:
            yield from self.nodes.get(kind, ())

    @property
    def name(self) -> str:
        """The name as people write it, such as `User.buy_item`."""
        return self.source.qualname.replace("<locals>.", "")

    @property
    def first(self) -> str | None:
        """The name of the parameter that holds the object or class; None for static methods and functions."""
        arguments = self.node.args.posonlyargs + self.node.args.args
        return arguments[0].arg if self.owner is not None and arguments and not self.is_static else None

    @property
    def self_name(self) -> str | None:
        """The name of the parameter that holds the object; None where there is no such parameter."""
        return None if self.is_class else self.first

    @property
    def returns(self) -> ast.expr | None:
        """The annotation of the result; None where there is none."""
        found: ast.expr | None = getattr(self.node, "returns", None)
        return found

    def mangled(self, name: str) -> str:
        """Return the name that Python gives to a private attribute here."""
        return mangle(name, self.owner.__name__ if self.owner is not None else None)

    def _walk(self) -> None:
        nodes = self.nodes
        stack: list[Any] = [self.node]
        while stack:
            node = stack.pop()
            nodes.setdefault(type(node), []).append(node)
            for field in node._fields:
                value = getattr(node, field, None)
                if type(value) is list:
                    stack.extend(v for v in value if isinstance(v, ast.AST))
                elif isinstance(value, ast.AST) and not isinstance(value, _IGNORED):
                    stack.append(value)


class Context:
    """The entity classes, all units, the value classes of their modules, and what has been found."""

    def __init__(self, classes: Sequence[type]) -> None:
        self.entities = tuple(dict.fromkeys(classes))
        self.entity_set = frozenset(self.entities)
        self.bag = DiagnosticBag()
        self.units: list[Unit] = []
        self.by_function: dict[types.FunctionType, Unit] = {}
        self.classes: dict[type, None] = {}
        self.user_code = UserCode(self.entities)
        self._looked_at: set[int] = set()
        self._queue: list[Any] = list(reversed(self.entities))
        while self._queue:
            self._add(self._queue.pop())

    def unit(self, function: object) -> Unit | None:
        """Return the unit of a function; None when it is not the user's."""
        return self.by_function.get(function) if isinstance(function, types.FunctionType) else None

    def is_user_class(self, cls: type) -> bool:
        """Tell whether a class is the user's own, not one of Python or of a package."""
        module = sys.modules.get(cls.__module__)
        if cls.__module__ in ("builtins", "typing", "abc") or cls.__module__ in sys.builtin_module_names:
            return False
        return cls in self.entity_set or (getattr(module, "__file__", None) or class_file(cls)) in self.user_code

    def entity_bases(self) -> dict[type, None]:
        """Return the user's classes that entities are made of: they themselves and their bases."""
        return {base: None for cls in self.entities for base in cls.__mro__ if self.is_user_class(base)}

    def family(self, cls: type) -> Iterator[type]:
        """Yield a class and the known classes that derive from it."""
        yield cls
        for other in self.classes:
            if other is not cls and derives(other, cls):
                yield other

    def report(self, code: str, unit: Unit, node: Any, message: str, *, why: str, fix: str) -> None:
        """Note a finding at a node of a function."""
        self._add_diagnostic(code, unit.source.span(node), unit.source.lines, message, why, fix)

    def report_name(self, code: str, unit: Unit, node: ast.Attribute, message: str, *, why: str, fix: str) -> None:
        """Note a finding at the name behind the dot of an attribute."""
        span = unit.source.span(node)
        start = span.end_column - len(node.attr)
        self._add_diagnostic(
            code, Span(span.file, span.end_line, start, span.end_line, span.end_column), unit.source.lines, message, why, fix
        )

    def report_class(self, code: str, cls: type, message: str, *, why: str, fix: str) -> None:
        """Note a finding at the head of a class statement."""
        node, filename = class_node(cls), class_file(cls)
        lines = linecache.getlines(filename)
        if node is None:
            self._add_diagnostic(code, Span(filename, 1, 0, 1, 0), (), message, why, fix)
            return
        whole = node_span(filename, lines, node)
        head = Span(filename, whole.line, whole.column, whole.line, whole.column + len("class ") + len(node.name))
        self._add_diagnostic(code, head, lines, message, why, fix)

    def _add_diagnostic(self, code: str, span: Span, lines: Sequence[str], message: str, why: str, fix: str) -> None:
        excerpt = tuple(line.rstrip("\n") for line in lines[span.line - 1 : span.end_line])
        self.bag.add(Diagnostic(code, CATALOGUE[code].severity, message, span, excerpt, why, fix))

    def _add(self, found: Any) -> None:
        if isinstance(found, types.FunctionType):
            self._add_function(found, None)
        elif found not in self.classes:
            self.classes[found] = None
            for base in found.__mro__:
                for member in list(base.__dict__.values()):
                    functions = unwrap(member)
                    if not functions and base is not object and self.is_user_class(base):
                        self._look_into(member)
                    for function, flags in functions:
                        self._add_function(function, base, **flags)
                    undecorated = getattr(member, "__wrapped__", None)
                    if isinstance(undecorated, types.FunctionType) and undecorated.__qualname__.startswith(base.__qualname__):
                        self._add_function(undecorated, base)

    def _add_function(self, function: types.FunctionType, owner: type | None, *, is_static: bool = False, is_class: bool = False) -> None:
        if function in self.by_function or function.__code__.co_filename not in self.user_code:
            return
        source = source_function(function, owner)
        if source is None:
            return
        unit = Unit(source, is_static=is_static, is_class=is_class)
        self.by_function[function] = unit
        self.units.append(unit)
        for value in unit.names.reached():
            self._look_into(value)

    def _look_into(self, value: object) -> None:
        """Look also at the user's functions and classes in an object that a module or class holds: a method may call them."""
        if id(value) in self._looked_at:
            return
        self._looked_at.add(id(value))
        for found, _ in callables_in(value, self.is_user_class):
            if isinstance(found, types.FunctionType) or (isinstance(found, type) and self.is_user_class(found)):
                self._queue.append(found)
