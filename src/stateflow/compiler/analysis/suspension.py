"""Find the suspension points of a function.

A node is a suspension point when carrying it out may reach another entity: either the types prove it, or they cannot exclude it and the
generated code tests the operand when it runs.
"""

from __future__ import annotations

import ast
import functools
import types
from typing import TYPE_CHECKING

import msgspec

from stateflow.compiler.analysis import dunders
from stateflow.compiler.analysis.inference import Inference, ModuleNames
from stateflow.compiler.repeatable import is_not_repeatable
from stateflow.compiler.scope import FUNCTIONS
from stateflow.compiler.trees import children
from stateflow.compiler.types import Kind, Type, resolve_value
from stateflow.core.prelude_native import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stateflow.compiler.program import Program
    from stateflow.compiler.unit import FunctionUnit

__all__ = ["Suspension", "find_suspension_points"]


class Suspension(msgspec.Struct):
    """What suspends in one function, by the ids of nodes.

    `points` are the suspension points with the reason for each, `suspending` the nodes that contain one, `lazy` the generator
    expressions that are compiled as generators, `nodes` the points themselves (for `explain`). `rewritten` says that something else needs
    compiled code: the clock, `type(x)`, a function inside that suspends.
    """

    points: dict[int, str]
    suspending: set[int]
    lazy: set[int]
    nodes: list[ast.AST]
    rewritten: bool = False


def find_suspension_points(unit: FunctionUnit, program: Program) -> Suspension:
    """Find the suspension points of one function, given what is known to be resumable so far."""
    finder = _Finder(unit, program)
    node = unit.node
    if isinstance(node, ast.Lambda):
        finder.visit(node.body)
    elif isinstance(node, ast.GeneratorExp):
        finder.visit_clauses(node, skip_first=True)
    else:
        for statement in node.body:
            finder.visit(statement)
    return finder.result


_SILENT = frozenset({ast.Name, ast.Constant, ast.arg, ast.alias, ast.Pass, ast.Break, ast.Continue, ast.Global, ast.Nonlocal})


class _Finder:
    def __init__(self, unit: FunctionUnit, program: Program) -> None:
        self.unit = unit
        self.program = program
        self.types = Inference(unit, program)
        self.result = Suspension({}, set(), set(), [])

    def visit(self, node: ast.AST) -> bool:
        """Return whether a node contains a suspension point."""
        if type(node) in _SILENT:
            return False
        if isinstance(node, FUNCTIONS):
            found = self._visit_function(node)
        elif isinstance(node, ast.GeneratorExp):
            found = self._visit_generator(node)
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp):
            found = self.visit_clauses(node)
        else:
            found = False
            for child in children(node):
                if self.visit(child):
                    found = True
        reason = self.reason(node)
        if reason is not None:
            self.result.points[id(node)] = reason
            self.result.nodes.append(node)
            found = True
        if found:
            self.result.suspending.add(id(node))
        return found

    def _visit_function(self, node: ast.AST) -> bool:
        assert isinstance(node, FUNCTIONS)
        child = self.unit.children.get(id(node))
        if child is not None and child.resumable:
            self.result.rewritten = True
        outside = [*node.args.defaults, *[d for d in node.args.kw_defaults if d is not None]]
        if not isinstance(node, ast.Lambda):
            outside += node.decorator_list
        return any(list(map(self.visit, outside)))

    def _visit_generator(self, node: ast.GeneratorExp) -> bool:
        first = self.visit(node.generators[0].iter)
        if self.visit_clauses(node, skip_first=True) or self._iterates_remotely(node.generators[0].iter):
            self.result.lazy.add(id(node))
            self.result.rewritten = True
            child = self.unit.adopt(node, self.program.numbers)
            child.resumable = True
            self.program.has_lazy = True
        return first

    def visit_clauses(self, node: ast.AST, *, skip_first: bool = False) -> bool:
        """Visit a comprehension; with `skip_first` leave out the iterable that is evaluated outside."""
        generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]
        parts: list[ast.AST] = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]  # type: ignore[attr-defined]
        found = False
        for index, clause in enumerate(generators):
            inner = [clause.target, *clause.ifs] + ([] if index == 0 and skip_first else [clause.iter])
            marks = [self.visit(part) for part in inner]
            remote = not (index == 0 and skip_first) and self._iterates_remotely(clause.iter)
            if any(marks) or remote or clause.is_async:
                self.result.suspending.add(id(clause))
                found = True
            if remote:
                self.result.points[id(clause)] = "iteration over what may be an entity or a generator that suspends"
        return any(list(map(self.visit, parts))) or found

    def reason(self, node: ast.AST) -> str | None:
        """Return why a node is a suspension point; None when it is not one."""
        match node:
            case ast.Attribute():
                return self._attribute(node)
            case ast.Call():
                return self._call(node)
            case ast.Await() | ast.AsyncFor() | ast.AsyncWith():
                return "awaits what may run in another entity"
            case ast.YieldFrom():
                return "delegates to a generator"
            case ast.Yield():
                return "yields a value"
            case ast.For(iter=iterable) if self._iterates_remotely(iterable):
                return "iteration over what may be an entity or a generator that suspends"
            case ast.With(items=items) if any(self._manages_remotely(i.context_expr) for i in items):
                return "a context manager that may suspend"
            case ast.Starred(value=value, ctx=ast.Load()) if self._iterates_remotely(value):
                return "unpacks what may be an entity or a generator that suspends"
            case ast.Assign(targets=targets, value=value) if any(self._unpacks(t) for t in targets):
                return "unpacks what may be an entity or a generator that suspends" if self._iterates_remotely(value) else None
            case ast.MatchClass():
                return self._class_pattern(node)
            case ast.MatchValue() if "__eq__" in self.program.dunders:
                return "an entity may define __eq__"
        return self._operator(node)

    @staticmethod
    def _unpacks(target: ast.expr) -> bool:
        return isinstance(target, ast.Tuple | ast.List)

    def _operator(self, node: ast.AST) -> str | None:
        for names, operands in dunders.used_by(node):
            defined = names & self.program.dunders
            if defined and any(not self._is_plain(self.types.of(o)) for o in operands):
                return f"an operand may define {', '.join(sorted(defined))}"
        return None

    def _is_plain(self, kind: Type) -> bool:
        """Tell whether no code of the user can run for an operator on the value, nor on what it holds."""
        if not kind.is_plain:
            return False
        if kind.cls in (list, tuple, set, frozenset, dict):
            return bool(kind.elements) and all(self._is_plain(e) for e in kind.elements)
        return True

    def _attribute(self, node: ast.Attribute) -> str | None:
        owner = self.types.of(node.value)
        if node.attr in self.program.resumable_properties and not owner.is_plain:
            return f"{node.attr} may be a property that suspends"
        if owner.kind is Kind.ENTITY:
            return None if node.attr == "__class__" else f"{owner} is another entity"
        if owner.kind is Kind.UNKNOWN and self.program.may_be_remote_name(node.attr):
            return "the receiver may be another entity"
        return None

    def _class_pattern(self, node: ast.MatchClass) -> str | None:
        names = resolve_value(node.cls, ModuleNames(self.unit, self.program))
        if not isinstance(names, type) or any(issubclass(e, names) for e in self.program.entities):
            return "the pattern reads attributes of what may be an entity" if node.patterns or node.kwd_patterns else None
        if self.program.resumable_properties & set(node.kwd_attrs):
            return "the pattern reads a property that may suspend"
        return None

    def _iterates_remotely(self, iterable: ast.expr) -> bool:
        kind = self.types.of(iterable)
        if isinstance(iterable, ast.GeneratorExp):
            return id(iterable) in self.result.lazy
        if kind.is_plain:
            return False
        if isinstance(iterable, ast.Call) and isinstance(iterable.func, ast.Attribute):
            owner = self.types.of(iterable.func.value)
            if owner.is_plain and owner.cls is not types.ModuleType:
                return False
        if isinstance(iterable, ast.Call) and self.is_native_builtin(iterable) and id(iterable) not in self.result.points:
            return False
        return self.program.has_lazy or bool(dunders.ITERATION & self.program.dunders)

    def is_native_builtin(self, node: ast.Call) -> bool:
        """Tell whether a call is of one of Python's own functions."""
        return isinstance(node.func, ast.Name) and self.types.is_builtin(node.func.id) and node.func.id in dunders.BUILTINS

    def _manages_remotely(self, manager: ast.expr) -> bool:
        kind = self.types.of(manager)
        if kind.kind is Kind.LOCAL and kind.cls is not None and kind.cls not in self.program.known_classes and kind.cls is not type:
            return False
        return bool(dunders.CONTEXT & self.program.dunders)

    def _call(self, node: ast.Call) -> str | None:
        if is_not_repeatable(node, self.unit, self.types):
            self.result.rewritten = True
        if isinstance(node.func, ast.Name):
            return self._call_of_name(node, node.func.id)
        if isinstance(node.func, ast.Attribute):
            return self._call_of_attribute(node, node.func)
        return None if isinstance(node.func, ast.Lambda) and not self._carries([node.func]) else "calls a computed function"

    def _call_of_name(self, node: ast.Call, name: str) -> str | None:
        scope = self.unit.scope
        if name in scope.bound or name in scope.free or "." in name:
            child = self._only_definition(name)
            return None if child is not None and not child.resumable else "calls a function held by a variable"
        found, value = self.program.global_value(self.unit, name)
        return self._call_of_value(node, value) if found else None

    def _only_definition(self, name: str) -> FunctionUnit | None:
        """Return the unit of the one nested function that a variable can hold."""
        if name not in self.unit.scope.bound:
            return None
        defined = [u for u in self.unit.children.values() if getattr(u.node, "name", None) == name]
        is_stored = name in self.unit.stored_names
        return defined[0] if len(defined) == 1 and not is_stored and not defined[0].node.decorator_list else None

    def _call_of_value(self, node: ast.Call, value: object) -> str | None:
        unit = self.program.unit_of(value)
        if unit is not None:
            if unit.owner is not None and node.args and self._may_be_entity_of(unit.owner, node.args[0]):
                return f"calls {unit.short_name} on what may be another entity"
            return f"{unit.short_name} may suspend" if unit.resumable else None
        if isinstance(value, type):
            return self._call_of_class(node, value)
        name = getattr(value, "__name__", "")
        if isinstance(value, types.FunctionType) and value in OPERATIONS:
            return "an operation of the transaction"
        if getattr(value, "__module__", None) == "stateflow.entity" and name == "delete":
            return "deletes an entity"
        if value in FUNCTIONAL or (getattr(value, "__module__", None) == "asyncio.tasks" and name == "gather"):
            return "runs functions or coroutines that may suspend"
        if name in dunders.BUILTINS and getattr(value, "__module__", None) == "builtins":
            return self._call_of_builtin(node, name)
        return None

    def _may_be_entity_of(self, owner: type, argument: ast.expr) -> bool:
        is_own = self.types.of(argument).kind is Kind.LOCAL
        return not is_own and any(issubclass(e, owner) for e in self.program.entities)

    def _call_of_class(self, node: ast.Call, cls: type) -> str | None:
        if cls in self.program.entity_set:
            return f"creates {cls.__name__}"
        if cls is type:
            if len(node.args) == 1 and not self.types.of(node.args[0]).is_plain:
                self.result.rewritten = True
            return None
        if cls in self.program.value_classes:
            names = {"__init__", "__post_init__", "__new__", "__call__"}
            units = [self.program.unit_of(self.program.member(cls, n)) for n in names]
            return f"creating {cls.__name__} may suspend" if any(u is not None and u.resumable for u in units) else None
        if cls.__name__ in dunders.BUILTINS and cls.__module__ == "builtins":
            return self._call_of_builtin(node, cls.__name__)
        return None

    def _call_of_builtin(self, node: ast.Call, name: str) -> str | None:
        arguments = [*node.args, *[k.value for k in node.keywords]]
        if name in dunders.ATTRIBUTE_BUILTINS:
            return self._dynamic_attribute(node)
        if name in dunders.CONSUMERS and self._carries(arguments):
            return "an argument may suspend while it is consumed"
        defined = dunders.BUILTINS[name] & self.program.dunders
        if defined and any(not self._is_plain(self.types.of(a)) for a in arguments):
            return f"an argument may define {', '.join(sorted(defined))}"
        return None

    def _dynamic_attribute(self, node: ast.Call) -> str | None:
        if not node.args or self.types.of(node.args[0]).is_plain:
            return None
        named = node.args[1] if len(node.args) > 1 else None
        if isinstance(named, ast.Constant) and isinstance(named.value, str):
            is_own = self.types.of(node.args[0]).kind is Kind.LOCAL and named.value not in self.program.resumable_properties
            return None if is_own or not self.program.may_be_remote_name(named.value) else "the receiver may be another entity"
        return "the receiver may be another entity"

    def _call_of_attribute(self, node: ast.Call, function: ast.Attribute) -> str | None:
        value = resolve_value(function, _Visible(self.unit))
        if value is not None:
            if getattr(value, "__func__", None) is BY_KEY:
                return "addresses an entity"
            if isinstance(value, types.MethodType):
                value = value.__func__
            return self._call_of_value(node, value)
        owner = self.types.of(function.value)
        if owner.kind is Kind.ENTITY:
            return f"{owner} is another entity"
        arguments = [*node.args, *[k.value for k in node.keywords]]
        if owner.is_plain:
            return self._call_of_plain_method(owner, function.attr, arguments)
        if owner.kind is Kind.UNKNOWN and self.program.may_be_remote_name(function.attr):
            return "the receiver may be another entity"
        if function.attr in GENERATOR_METHODS and self.program.has_lazy:
            return "the receiver may be a generator that suspends"
        if function.attr in self.program.resumable_names:
            return f"{function.attr} may suspend"
        if function.attr in self.program.stored_names or self.program.is_open:
            return "calls what an attribute holds"
        return "an argument may suspend while it is consumed" if self._carries(arguments) else None

    def _call_of_plain_method(self, owner: Type, name: str, arguments: list[ast.expr]) -> str | None:
        if self._carries(arguments) and name in dunders.CONSUMING_METHODS:
            return "an argument may suspend while it is consumed"
        return None

    def _carries(self, arguments: Iterable[ast.expr]) -> bool:
        """Tell whether an argument may be a function or an iterator that suspends when it is used."""
        return any(self._may_carry(a.value if isinstance(a, ast.Starred) else a) for a in arguments)

    def _may_carry(self, node: ast.expr) -> bool:
        if isinstance(node, ast.GeneratorExp):
            return id(node) in self.result.lazy
        if isinstance(node, ast.Lambda):
            child = self.unit.children.get(id(node))
            return child is not None and child.resumable
        if isinstance(node, ast.Name) and (child := self._only_definition(node.id)) is not None:
            return child.resumable
        value = resolve_value(node, _Visible(self.unit))
        unit = self.program.unit_of(value)
        if unit is not None:
            return unit.resumable
        if isinstance(value, type):
            return value in self.program.entity_set
        if isinstance(node, ast.Attribute) and node.attr in self.program.resumable_names:
            return True
        if isinstance(node, ast.Call):
            return id(node) in self.result.points and self.types.of(node).kind is Kind.UNKNOWN and self.program.has_lazy
        return self.types.of(node).kind is Kind.UNKNOWN and self.program.has_lazy


class _Visible(dict[str, object]):
    """The module's names that no variable of the function hides."""

    def __init__(self, unit: FunctionUnit) -> None:
        super().__init__()
        self.unit = unit

    def get(self, name: str, default: object = None) -> object:
        scope = self.unit.scope
        return default if name in scope.bound or name in scope.free else self.unit.names.get(name, default)


GENERATOR_METHODS = frozenset({"send", "throw", "close", "__next__"})
FUNCTIONAL = frozenset({functools.reduce, functools.partial})


def _by_key() -> object:
    from stateflow.entity import _by_key as function

    return function


BY_KEY = _by_key()
