"""Which variables a function binds, captures and shares with the functions inside it.

The tree has been normalised: every variable of a comprehension has a name of its own.
"""

from __future__ import annotations

import ast
from typing import Any

import msgspec

from stateflow.compiler.trees import children, walk

__all__ = ["COMPREHENSIONS", "FUNCTIONS", "Scope", "Walks", "analyse", "mangle", "outside_parts", "own_nodes", "parameters"]

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Scope(msgspec.Struct):
    """The variables of one function.

    `bound` are its own, `cells` those of them that a function inside captures, `free` those it takes from a function outside, and
    `globals` those that it declares global.
    """

    bound: set[str]
    cells: set[str]
    free: set[str]
    globals: set[str]


def parameters(arguments: ast.arguments) -> list[str]:
    """Return the names of all parameters, in the order of binding: positional, `*args`, keyword-only, `**kwargs`."""
    names = [a.arg for a in arguments.posonlyargs + arguments.args]
    if arguments.vararg:
        names.append(arguments.vararg.arg)
    names += [a.arg for a in arguments.kwonlyargs]
    if arguments.kwarg:
        names.append(arguments.kwarg.arg)
    return names


Walks = dict[int, list[Any]]


def own_nodes(node: ast.AST, walks: Walks) -> list[Any]:
    """Return the nodes that run in the function itself: not the bodies of functions inside, but their defaults and decorators.

    `walks` keeps the answers, by the ids of the functions: these are asked for many times, and no analysis changes the trees.
    """
    found = walks.get(id(node))
    if found is None:
        found = walks[id(node)] = []
        stack = list(_body(node))
        while stack:
            child = stack.pop()
            found.append(child)
            if isinstance(child, FUNCTIONS):
                stack += outside_parts(child)
            elif isinstance(child, ast.ClassDef):
                stack += [*child.bases, *child.decorator_list]
            else:
                stack += children(child)
    return found


def _body(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.Lambda):
        return [node.body]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return list(reversed(node.body))
    if isinstance(node, ast.GeneratorExp):
        # The iterable of the first clause is evaluated outside.
        first, *others = node.generators
        return [node.elt, first.target, *first.ifs, *others]
    return [node]


def outside_parts(node: ast.AST) -> list[ast.AST]:
    """Return the parts of a function that run where it is made: defaults, decorators, annotations."""
    assert isinstance(node, FUNCTIONS)
    parts: list[ast.AST] = [*node.args.defaults, *[d for d in node.args.kw_defaults if d is not None]]
    if not isinstance(node, ast.Lambda):
        parts += node.decorator_list
        parts += [a.annotation for a in walk(node.args) if isinstance(a, ast.arg) and a.annotation is not None]
        if node.returns is not None:
            parts.append(node.returns)
    return parts


def analyse(node: ast.AST, outer: frozenset[str], lazy: frozenset[int], walks: Walks) -> Scope:
    """Work out the scope of a function.

    Args:
        node: a function, a lambda, or a generator expression that is compiled as a function.
        outer: the variables of the functions around it.
        lazy: the ids of generator expressions inside that are compiled as functions of their own.
        walks: see `own_nodes`.
    """
    scope = Scope(set(), set(), set(), set())
    if isinstance(node, FUNCTIONS):
        scope.bound.update(parameters(node.args))
    nonlocals: set[str] = set()
    used: set[str] = set()
    inner: list[ast.AST] = []
    _collect(own_nodes(node, walks), scope, nonlocals, used, inner, lazy)
    if isinstance(node, ast.GeneratorExp):
        nonlocals |= _walrus_targets(node)
    scope.bound -= scope.globals | nonlocals
    visible = (outer | scope.bound) - scope.globals
    for function in inner:
        captured = analyse(function, frozenset(visible), lazy, walks).free
        scope.cells |= captured & scope.bound
        used |= captured - scope.bound
    scope.free = ((used | nonlocals) & outer) - scope.bound - scope.globals
    return scope


def _collect(
    nodes: list[Any], scope: Scope, nonlocals: set[str], used: set[str], inner: list[ast.AST], lazy: frozenset[int]
) -> None:
    hidden: set[int] = set()
    for child in nodes:
        kind = type(child)
        if kind not in _SCOPED or id(child) in hidden:
            continue
        if kind is ast.Name:
            (used if type(child.ctx) is ast.Load else scope.bound).add(child.id)
        elif kind is ast.GeneratorExp:
            if id(child) not in lazy:
                continue
            inner.append(child)
            first = child.generators[0].iter
            kept = {id(n) for n in walk(first)}
            # A walrus inside binds a variable of the function around.
            scope.bound.update(_walrus_targets(child))
            hidden |= {id(n) for n in walk(child) if id(n) not in kept}
        elif kind in FUNCTIONS:
            inner.append(child)
            if kind is not ast.Lambda:
                scope.bound.add(child.name)
        else:
            _bind(child, scope, nonlocals)


# The nodes that say something of variables.
_SCOPED = frozenset({
    ast.Name, ast.GeneratorExp, *FUNCTIONS, ast.Global, ast.Nonlocal, ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping,
    ast.ClassDef, ast.alias,
})  # fmt: skip


def _walrus_targets(node: ast.AST) -> set[str]:
    return {n.target.id for n in walk(node) if isinstance(n, ast.NamedExpr)}


def _bind(child: ast.AST, scope: Scope, nonlocals: set[str]) -> None:
    match child:
        case ast.Global(names=names):
            scope.globals.update(names)
        case ast.Nonlocal(names=names):
            nonlocals.update(names)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            scope.bound.add(name)
        case ast.MatchMapping(rest=str(name)) | ast.ClassDef(name=name):
            scope.bound.add(name)
        case ast.alias(name=name, asname=alias):
            scope.bound.add(alias or name.split(".")[0])


def mangle(name: str, owner: str | None) -> str:
    """Return the private name that Python gives `__name` inside a class."""
    if owner is None or not name.startswith("__") or name.endswith("__") or "." in name:
        return name
    stripped = owner.lstrip("_")
    return f"_{stripped}{name}" if stripped else name
