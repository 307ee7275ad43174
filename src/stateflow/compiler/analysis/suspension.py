"""Find the suspension points of a function.

A node is a suspension point when carrying it out may reach another entity: either the types prove it, or they cannot exclude it and the
generated code tests the operand when it runs.
"""

from __future__ import annotations

import ast
import types
from collections import OrderedDict, defaultdict, deque
from typing import TYPE_CHECKING

from stateflow.compiler.analysis import dunders
from stateflow.compiler.analysis.inference import ModuleNames
from stateflow.compiler.analysis.suspending_calls import CallFinder, Suspension
from stateflow.compiler.scope import FUNCTIONS
from stateflow.compiler.trees import children
from stateflow.compiler.types import UNKNOWN, Kind, Type, derives, local, resolve_value

if TYPE_CHECKING:
    from stateflow.compiler.program import Program
    from stateflow.compiler.unit import FunctionUnit

__all__ = ["Suspension", "find_suspension_points"]


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


EAGER = frozenset("list tuple set frozenset dict sorted min max sum any all".split())
EAGER_LIBRARY = frozenset(
    {
        *(("collections", name) for name in ("deque", "Counter", "OrderedDict")),
        *(("heapq", name) for name in ("nlargest", "nsmallest")),
        *(("math", name) for name in ("fsum", "prod")),
        *(("statistics", name) for name in ("mean", "fmean", "median", "mode", "stdev", "pstdev", "variance", "pvariance")),
    }
)
_EXTENDED = frozenset({list, dict, deque, OrderedDict, defaultdict})
_SILENT = frozenset({ast.Name, ast.Constant, ast.arg, ast.alias, ast.Pass, ast.Break, ast.Continue, ast.Global, ast.Nonlocal})


# The nodes that may be suspension points for another reason than a special method which an operand may define.
_REASONED = frozenset({
    ast.Await, ast.AsyncFor, ast.AsyncWith, ast.YieldFrom, ast.Yield, ast.For, ast.With, ast.Starred, ast.Tuple, ast.List, ast.AugAssign,
    ast.Subscript, ast.Compare, ast.BinOp, ast.MatchClass, ast.MatchValue,
})  # fmt: skip


class _Finder(CallFinder):
    def __init__(self, unit: FunctionUnit, program: Program) -> None:
        super().__init__(unit, program)
        self.unpacked: set[int] = set()
        self.consumed: set[int] = set()
        self.refilled: set[int] = set()

    def visit(self, node: ast.AST) -> bool:
        """Return whether a node contains a suspension point."""
        if type(node) in _SILENT:
            return False
        found = self._visit_parts(node)
        reason = self.reason(node)
        if reason is not None:
            self.result.points[id(node)] = reason
            self.result.nodes.append(node)
            found = True
        if found:
            self.result.suspending.add(id(node))
        return found

    def _visit_parts(self, node: ast.AST) -> bool:
        match node:
            case ast.Call() if self._consumes_at_once(node):
                self.consumed.add(id(node.args[-1]))
            case ast.Assign():
                return self._visit_assignment(node)
            case ast.For() | ast.AsyncFor() | ast.With() | ast.AsyncWith():
                self._note_targets(node)
            case ast.GeneratorExp():
                return self._visit_generator(node)
            case ast.ListComp() | ast.SetComp() | ast.DictComp():
                return self.visit_clauses(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                return self._visit_function(node)
        found = False
        for child in children(node):
            if type(child) not in _SILENT and self.visit(child):
                found = True
        return found

    def _visit_assignment(self, node: ast.Assign) -> bool:
        """Visit the value first: what it is decides whether unpacking it may suspend."""
        found = self.visit(node.value)
        is_remote = self._iterates_remotely(node.value)
        for target in node.targets:
            self._note_target(target, self.types.of(node.value), is_remote=is_remote)
            if is_remote and isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Slice):
                self.refilled.add(id(target))
        return any(list(map(self.visit, node.targets))) or found

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
        # One that may still be in use at a suspension must be data; a generator of Python's own is running code.
        is_kept = self.unit.resumable and id(node) not in self.consumed
        if self.visit_clauses(node, skip_first=True) or self._iterates_remotely(node.generators[0].iter) or is_kept:
            self.result.lazy.add(id(node))
            self.result.rewritten = True
            child = self.unit.adopt(node, self.program.numbers)
            child.resumable = True
            self.program.has_lazy = True
        return first

    def _consumes_at_once(self, node: ast.Call) -> bool:
        """Tell whether a call runs the generator expression that is its last argument to its end, without a suspension."""
        if node.keywords or not node.args or not isinstance(node.args[-1], ast.GeneratorExp):
            return False
        known = resolve_value(node.func, ModuleNames(self.unit, self.program))
        if (getattr(known, "__module__", None), getattr(known, "__name__", None)) in EAGER_LIBRARY:
            return True
        if isinstance(node.func, ast.Name):
            name = node.func.id
            return name in EAGER and self.types.is_builtin(name) and not dunders.BUILTINS[name] & self.program.dunders
        function = node.func
        if not isinstance(function, ast.Attribute) or function.attr not in dunders.CONSUMING_METHODS:
            return False
        return self.types.of(function.value).is_plain

    def visit_clauses(self, node: ast.AST, *, skip_first: bool = False) -> bool:
        """Visit a comprehension; with `skip_first` leave out the iterable that is evaluated outside."""
        generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]
        parts: list[ast.AST] = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]  # type: ignore[attr-defined]
        found = False
        for index, clause in enumerate(generators):
            self._note_targets(clause)
            inner = [clause.target, *clause.ifs] + ([] if index == 0 and skip_first else [clause.iter])
            marks = [self.visit(part) for part in inner]
            remote = not (index == 0 and skip_first) and self._iterates_remotely(clause.iter)
            guarded = self._guards_remotely(clause)
            if any(marks) or remote or guarded or clause.is_async:
                self.result.suspending.add(id(clause))
                found = True
            if remote:
                self.result.points[id(clause)] = "iteration over what may be an entity or a generator that suspends"
        return any(list(map(self.visit, parts))) or found

    def _guards_remotely(self, clause: ast.comprehension) -> bool:
        """Mark the conditions of a clause whose truth an entity may answer. The list of conditions stands for them: a name is no point."""
        reason = self._operator(clause)
        if reason is not None:
            self.result.points[id(clause.ifs)] = reason
            self.result.nodes += clause.ifs
        return reason is not None

    def _note_targets(self, node: ast.AST) -> None:
        """Note the type of what each target that is unpacked gets, before the targets are visited."""
        match node:
            case ast.For(target=target, iter=iterable) | ast.comprehension(target=target, iter=iterable):
                self._note_target(target, self.types.element(iterable))
            case ast.AsyncFor(target=target):
                self._note_target(target, UNKNOWN)
            case ast.With(items=items) | ast.AsyncWith(items=items):
                for item in items:
                    if item.optional_vars is not None:
                        self._note_target(item.optional_vars, UNKNOWN)

    def _note_target(self, target: ast.expr, kind: Type, *, is_remote: bool | None = None) -> None:
        if not isinstance(target, ast.Tuple | ast.List):
            return
        if self._may_iterate(kind) if is_remote is None else is_remote:
            self.unpacked.add(id(target))
        fixed = kind.elements[1:] if kind.cls is tuple else ()
        is_exact = len(fixed) == len(target.elts) and not any(isinstance(t, ast.Starred) for t in target.elts)
        for index, part in enumerate(target.elts):
            inner = part.value if isinstance(part, ast.Starred) else part
            self._note_target(inner, fixed[index] if is_exact else local(list) if isinstance(part, ast.Starred) else kind.element)

    def reason(self, node: ast.AST) -> str | None:
        """Return why a node is a suspension point; None when it is not one."""
        match node:
            case ast.Attribute():
                return self._attribute(node)
            case ast.Call():
                return self._call(node)
            case _ if type(node) not in _REASONED:
                return self._operator(node)
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
            case ast.Tuple() | ast.List() if id(node) in self.unpacked:
                return "unpacks what may be an entity or a generator that suspends"
            case ast.AugAssign(target=target, op=ast.Add() | ast.BitOr(), value=value) if self._extends(target, value):
                return "a list or dict may be extended by what an entity or a generator that suspends gives"
            case ast.Subscript() if id(node) in self.refilled:
                return "a slice is filled by what may be an entity or a generator that suspends"
            case ast.Compare(ops=ops, comparators=found) if self._searches(ops, found):
                return "searches what may be an entity or a generator that suspends"
            case ast.BinOp(left=left, op=ast.Mod(), right=right) if self._formats(left) and self._may_show(right):
                return "text is made of what may be an entity"
            case ast.MatchClass():
                return self._class_pattern(node)
            case ast.MatchValue() if "__eq__" in self.program.dunders:
                return "an entity may define __eq__"
        return self._operator(node)

    def _operator(self, node: ast.AST) -> str | None:
        for names, operands in dunders.used_by(node):
            defined = names & self.program.dunders
            if defined and any(not self._is_plain(self.types.of(o)) for o in operands):
                return f"an operand may define {', '.join(sorted(defined))}"
        return None

    def _extends(self, target: ast.expr, value: ast.expr) -> bool:
        kind = self.types.of(target)
        return (kind.cls in _EXTENDED or not kind.is_plain) and self._iterates_remotely(value)

    def _searches(self, ops: list[ast.cmpop], comparators: list[ast.expr]) -> bool:
        pairs = zip(ops, comparators, strict=True)
        return any(isinstance(op, ast.In | ast.NotIn) and self._iterates_remotely(found) for op, found in pairs)

    def _formats(self, text: ast.expr) -> bool:
        kind = self.types.of(text)
        return kind.cls is str or not kind.is_plain

    def _may_show(self, value: ast.expr) -> bool:
        return bool(dunders.TEXT & self.program.dunders) and not self._is_plain(self.types.of(value))

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
        if not isinstance(names, type) or any(derives(e, names) for e in self.program.entities):
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
        return self._may_iterate(kind)

    def _may_iterate(self, kind: Type) -> bool:
        return not kind.is_plain and (self.program.has_lazy or bool(dunders.ITERATION & self.program.dunders))

    def is_native_builtin(self, node: ast.Call) -> bool:
        """Tell whether a call is of one of Python's own functions."""
        return isinstance(node.func, ast.Name) and self.types.is_builtin(node.func.id) and node.func.id in dunders.BUILTINS

    def _manages_remotely(self, manager: ast.expr) -> bool:
        kind = self.types.of(manager)
        if kind.kind is Kind.LOCAL and kind.cls is not None and kind.cls not in self.program.known_classes and kind.cls is not type:
            return False
        return bool(dunders.CONTEXT & self.program.dunders)
