"""Normalise a function's tree so that names mean one thing each.

Before: `[x for x in xs if x > self.__limit]` beside another `x`, `super().pay(x)`
After:  `[x.1 for x.1 in xs if x.1 > self._Account__limit]`, `super(__class__, self).pay(x)`

Variables of comprehensions get a name of their own, private names are mangled, `super()` names its class and object. The evaluation order
stays: no expression is added, dropped or moved. Later stages may take a name for one variable of the function.
"""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING, Any

from stateflow.compiler.scope import mangle
from stateflow.compiler.trees import copy_place, copy_tree, mark_outer, walk

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SUPER_CLASS", "normalise"]

SUPER_CLASS = "__class__"
# PEP 709: later versions run list, set and dict comprehensions in the function around them.
_HAVE_OWN_FRAME = (ast.GeneratorExp,) if sys.version_info >= (3, 12) else (ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp)


def normalise(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, owner: str | None) -> Any:
    """Return a normalised copy of a function.

    Args:
        node: the function as parsed.
        owner: the name of the class whose body holds it, for private names; None outside a class.
    """
    return _Normaliser(owner, _first_parameter(node)).visit(copy_tree(node))


def _first_parameter(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> str | None:
    arguments = node.args.posonlyargs + node.args.args
    return arguments[0].arg if arguments else None


class _Normaliser(ast.NodeTransformer):
    def __init__(self, owner: str | None, first: str | None) -> None:
        self.owner = owner
        self.first = first
        self.renamed: dict[str, str] = {}
        self.count = 0
        self.is_apart = False

    def rename(self, name: str) -> str:
        return self.renamed.get(name) or mangle(name, self.owner)

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if self.is_apart and node.id not in self.renamed and isinstance(node.ctx, ast.Load):
            mark_outer(node)
        node.id = self.rename(node.id)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.Attribute:
        node.attr = mangle(node.attr, self.owner)
        self.generic_visit(node)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg = mangle(node.arg, self.owner)
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
        node.name = node.name and mangle(node.name, self.owner)
        self.generic_visit(node)
        return node

    def visit_MatchAs(self, node: ast.MatchAs) -> ast.MatchAs:
        node.name = node.name and mangle(node.name, self.owner)
        self.generic_visit(node)
        return node

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.Nonlocal:
        node.names = [mangle(n, self.owner) for n in node.names]
        return node

    def visit_Global(self, node: ast.Global) -> ast.Global:
        node.names = [mangle(n, self.owner) for n in node.names]
        return node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        is_super = isinstance(node.func, ast.Name) and node.func.id == "super" and not node.args and not node.keywords
        if is_super and self.first is not None and self.owner is not None:
            node.args = [_load(SUPER_CLASS, node), _load(self.first, node)]
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        return self.visit_function(node)  # type: ignore[no-any-return]

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:
        return self.visit_function(node)  # type: ignore[no-any-return]

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        return self.visit_function(node)  # type: ignore[no-any-return]

    def visit_function(self, node: Any) -> Any:
        """Visit a function; its own variables hide those of comprehensions around it."""
        outside, first = self.renamed, self.first
        if self.count or self.renamed:
            own = _bound_names(node)
            self.renamed = {k: v for k, v in self.renamed.items() if k not in own}
        node.args = self._visit_arguments(node.args, outside)
        self.first = _first_parameter(node)
        is_apart, self.is_apart = self.is_apart, False
        if isinstance(node, ast.Lambda):
            node.body = self.visit(node.body)
        else:
            node.name = mangle(node.name, self.owner)
            node.body = [self.visit(statement) for statement in node.body]
            inside, self.renamed = self.renamed, outside
            node.decorator_list = [self.visit(d) for d in node.decorator_list]
            self.renamed = inside
        self.renamed, self.first, self.is_apart = outside, first, is_apart
        return node

    def _visit_arguments(self, arguments: ast.arguments, outside: dict[str, str]) -> ast.arguments:
        inside, self.renamed = self.renamed, outside
        arguments.defaults = [self.visit(d) for d in arguments.defaults]
        arguments.kw_defaults = [d and self.visit(d) for d in arguments.kw_defaults]
        self.renamed = inside
        for argument in walk(arguments):
            if isinstance(argument, ast.arg):
                argument.arg = mangle(argument.arg, self.owner)
        return arguments

    def visit_ListComp(self, node: ast.ListComp) -> ast.ListComp:
        return self._visit_comprehension(node, lambda: setattr(node, "elt", self.visit(node.elt)))  # type: ignore[no-any-return]

    def visit_SetComp(self, node: ast.SetComp) -> ast.SetComp:
        return self._visit_comprehension(node, lambda: setattr(node, "elt", self.visit(node.elt)))  # type: ignore[no-any-return]

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.GeneratorExp:
        return self._visit_comprehension(node, lambda: setattr(node, "elt", self.visit(node.elt)))  # type: ignore[no-any-return]

    def visit_DictComp(self, node: ast.DictComp) -> ast.DictComp:
        def element() -> None:
            node.key = self.visit(node.key)
            node.value = self.visit(node.value)

        return self._visit_comprehension(node, element)  # type: ignore[no-any-return]

    def _visit_comprehension(self, node: Any, element: Callable[[], None]) -> Any:
        outside, is_apart = self.renamed, self.is_apart
        node.generators[0].iter = self.visit(node.generators[0].iter)
        self.is_apart = is_apart or isinstance(node, _HAVE_OWN_FRAME)
        self.renamed = dict(outside)
        for clause in node.generators:
            for target in walk(clause.target):
                if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store):
                    self.count += 1
                    self.renamed[target.id] = f"{target.id}.{self.count}"
        for index, clause in enumerate(node.generators):
            clause.target = self.visit(clause.target)
            if index:
                clause.iter = self.visit(clause.iter)
            clause.ifs = [self.visit(test) for test in clause.ifs]
        element()
        self.renamed, self.is_apart = outside, is_apart
        return node


def _bound_names(node: ast.AST) -> set[str]:
    names = {a.arg for a in walk(node) if isinstance(a, ast.arg)}
    if not isinstance(node, ast.Lambda):
        names |= {n.id for n in walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return names


def _load(name: str, at: ast.AST) -> ast.Name:
    return copy_place(ast.Name(name, ast.Load()), at)


