"""Rewrite native syntax for generated code, without a change of its meaning.

Before: `total + n`, `lambda i: i + n`, `type(x)`, `time.time()` where `n` is captured by a function inside
After:  `total + .cell_get(.cell.n, 'n')`, `.make(.fn:f.<lambda>, (.cell.n,), ...)`, `.type_of(x)`, `.tx.repeatable.time_time()`

Captured variables live in explicit cells, because a frame that comes back from bytes must share them with the functions that captured them.
The user's tree is left as it is: a `finally` body is lowered more than once.
"""

from __future__ import annotations

import ast
import builtins
import copy
from typing import TYPE_CHECKING, Any

from stateflow.compiler.frontend.names import TX, call, cell_name, constant, load, support
from stateflow.compiler.repeatable import replacement
from stateflow.compiler.scope import FUNCTIONS
from stateflow.compiler.trees import copy_place, is_outer
from stateflow.compiler.types import resolve_value
from stateflow.protocol.deque_iterator import ITERATING

if TYPE_CHECKING:
    from stateflow.compiler.frontend.builder import Builder

__all__ = ["Rewriter", "make_function"]


class Rewriter:
    """Rewrite native expressions and statements of one function."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.scope = builder.unit.scope
        self.captured = builder.unit.scope.cells | builder.unit.scope.free

    def expression(self, node: ast.expr) -> ast.expr:
        """Return the rewritten form of a native expression."""
        return self._visit(node)  # type: ignore[no-any-return]

    def statement(self, node: ast.stmt) -> ast.stmt:
        """Return the rewritten form of a native statement."""
        return self._visit(node)  # type: ignore[no-any-return]

    def _visit(self, node: Any) -> Any:
        if isinstance(node, ast.Name):
            return self._name(node)
        if isinstance(node, FUNCTIONS):
            return self._function(node)
        if isinstance(node, ast.Call) and (special := self._special_call(node)) is not None:
            return special
        if isinstance(node, ast.NamedExpr) and node.target.id in self.captured:
            return support("cell_set", [load(cell_name(node.target.id), node), self._visit(node.value)], node)
        if isinstance(node, ast.AnnAssign):
            return self._annotated(node)
        if isinstance(node, ast.Global | ast.Nonlocal):
            return copy_place(ast.Pass(), node)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id in self.captured:
            return self._captured_augmented(node)
        return self._children(node)

    def _children(self, node: Any) -> Any:
        changed: dict[str, Any] = {}
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                new = [self._visit(v) if isinstance(v, ast.AST) else v for v in value]
                if any(a is not b for a, b in zip(new, value, strict=True)):
                    changed[name] = new
            elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
                visited = self._visit(value)
                if visited is not value:
                    changed[name] = visited
        if not changed:
            return node
        result = copy.copy(node)
        for name, value in changed.items():
            setattr(result, name, value)
        return result

    def _name(self, node: ast.Name) -> ast.expr:
        if node.id not in self.captured:
            return node
        cell = load(cell_name(node.id), node)
        if isinstance(node.ctx, ast.Load):
            kind = "cell_get" if node.id in self.scope.cells and not is_outer(node) else "free_get"
            return support(kind, [cell, constant(node.id.split(".")[0], node)], node)
        return copy_place(ast.Attribute(cell, "cell_contents", node.ctx), node)

    def _captured_augmented(self, node: ast.AugAssign) -> ast.stmt:
        assert isinstance(node.target, ast.Name)
        current = self._name(load(node.target.id, node.target))
        value = support("inplace", [constant(type(node.op).__name__, node), current, self._visit(node.value)], node)
        return copy_place(ast.Assign([self._name(node.target)], value), node)

    def _annotated(self, node: ast.AnnAssign) -> ast.stmt:
        if node.value is None:
            return copy_place(ast.Pass(), node)
        return copy_place(ast.Assign([self._visit(node.target)], self._visit(node.value)), node)

    def special(self, node: ast.Call) -> ast.expr | None:
        """Return what is called in place of `type`, the clock, or what begins to iterate over deques; None for all other calls."""
        function = node.func
        is_type = isinstance(function, ast.Name) and function.id == "type" and self.builder.inference.is_builtin("type")
        if is_type and len(node.args) == 1 and not node.keywords:
            return load(".type_of", node)
        name = replacement(function, self.builder.visible)
        if name is not None:
            clock = copy_place(ast.Attribute(load(TX, node), "repeatable", ast.Load()), node)
            return copy_place(ast.Attribute(clock, name, ast.Load()), node)
        return self._iterating(function) if self.builder.program.has_deques else None

    def _iterating(self, function: ast.expr) -> ast.expr | None:
        value = resolve_value(function, self.builder.visible)
        if isinstance(function, ast.Name) and self.builder.inference.is_builtin(function.id):
            value = getattr(builtins, function.id)
        if value is reversed:
            return load(".reversed_of", function)
        try:
            is_iterating = value in ITERATING
        except TypeError:
            # Not hashable, so none of them.
            return None
        return support("storable", [function], function) if is_iterating else None

    def _special_call(self, node: ast.Call) -> ast.expr | None:
        special = self.special(node)
        if special is None:
            return None
        keywords = [copy_place(ast.keyword(k.arg, self._visit(k.value)), k) for k in node.keywords]
        return call(special, [self._visit(a) for a in node.args], node, keywords)

    def _function(self, node: Any) -> Any:
        defaults = [self._visit(d) for d in node.args.defaults]
        keyword_defaults = [d and self._visit(d) for d in node.args.kw_defaults]
        value = make_function(self.builder, node, defaults, keyword_defaults)
        if isinstance(node, ast.Lambda):
            return value
        for decorator in reversed(node.decorator_list):
            value = call(self._visit(decorator), [value], decorator)
        target = self._name(copy_place(ast.Name(node.name, ast.Store()), node))
        return copy_place(ast.Assign([target], value), node)


def make_function(
    builder: Builder, node: Any, defaults: list[ast.expr], keyword_defaults: list[ast.expr | None]
) -> ast.expr:
    """Return the expression that makes a function object over the cells that it captures."""
    child = builder.unit.children[id(node)]
    cells: list[ast.expr] = [load(cell_name(n), node) for n in sorted(child.scope.free)]
    named = [(a.arg, d) for a, d in zip(node.args.kwonlyargs, keyword_defaults, strict=True) if d is not None]
    by_name = ast.Dict([constant(n, node) for n, _ in named], [d for _, d in named])
    return support(
        "make",
        [
            load(f".fn:{child.name}", node),
            copy_place(ast.Tuple(cells, ast.Load()), node),
            copy_place(ast.Tuple(defaults, ast.Load()), node),
            copy_place(by_name, node),
        ],
        node,
    )
