"""SF201 and SF202: names that stand for nothing."""

from __future__ import annotations

import ast
import builtins
import functools
import sys
from typing import TYPE_CHECKING, Any

from stateflow.compiler.checks.members import nearest
from stateflow.compiler.source import module_tree
from stateflow.compiler.trees import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stateflow.compiler.checks.context import Context, Unit
    from stateflow.compiler.checks.receivers import Receivers

__all__ = ["check_names"]

_IMPLICIT = frozenset({"__class__", "__file__", "__name__", "__doc__"})


def check_names(context: Context, receivers: Receivers) -> None:
    """Report names that neither the function, its module nor Python defines."""
    for unit in context.units:
        annotations = list(_annotations(unit))
        inside = {id(n) for a in annotations for n in walk(a)}
        for node in unit.of(ast.Name):
            if id(node) not in inside and isinstance(node.ctx, ast.Load) and _is_unknown(unit, node.id):
                _report_name(context, unit, node)
        for annotation in annotations:
            _check_annotation(context, unit, annotation)


def _is_unknown(unit: Unit, name: str) -> bool:
    known = name in unit.names.variables or name in unit.names.cells or name in unit.names.globals or hasattr(builtins, name)
    if known or name in _IMPLICIT or unit.nodes.get(ast.ClassDef) or unit.mangled(name) in unit.names.variables:
        return False
    if any(a.arg == name for a in unit.of(ast.arg)) or any(n.id == name and isinstance(n.ctx, ast.Store) for n in unit.of(ast.Name)):
        # CPython's code object has no variables for what it never runs.
        return False
    return name not in _defined_in(unit.source.filename, unit.names.globals.get("__name__", ""))


@functools.lru_cache(256)
def _defined_in(filename: str, module: str) -> frozenset[str]:
    """Return all names that a file defines or imports anywhere, for example later on, or for type checkers only."""
    tree = module_tree(filename) or module_tree(sys.modules.get(module, module))
    found: set[str] = set()
    for node in walk(tree) if tree is not None else ():
        match node:
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                found.update(a.asname or a.name.split(".")[0] for a in names)
            case ast.Global(names=names):
                found.update(names)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
    for statement in tree.body if tree is not None else ():
        found.update(n.id for n in walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return frozenset(found)


def _report_name(context: Context, unit: Unit, node: ast.Name) -> None:
    near = nearest(node.id, [*unit.names.variables, *unit.names.globals, *dir(builtins)])
    context.report(
        "SF202",
        unit,
        node,
        f"`{unit.name}` uses `{node.id}`, which is not defined",
        why="neither the method, its module nor Python defines the name",
        fix=f"define it, or write {near}" if near else "define it in the module, or import it",
    )


def _annotations(unit: Unit) -> Iterator[ast.expr]:
    for argument in unit.of(ast.arg):
        if argument.annotation is not None:
            yield argument.annotation
    for node in unit.of(ast.AnnAssign):
        yield node.annotation
    for node in unit.of(ast.FunctionDef, ast.AsyncFunctionDef):
        if node.returns is not None:
            yield node.returns


def _check_annotation(context: Context, unit: Unit, annotation: ast.expr) -> None:
    for name, node in _names_in(annotation):
        is_local = unit.owner is not None and (hasattr(unit.owner, name) or "<locals>" in unit.owner.__qualname__)
        if _is_unknown(unit, name) and not is_local and "<locals>" not in unit.source.function.__qualname__:
            near = nearest(name, (n for n, v in unit.names.globals.items() if isinstance(v, type)))
            context.report(
                "SF201",
                unit,
                node,
                f"`{unit.name}` has an annotation `{name}`, which names nothing",
                why="without the class the compiler tests at run time what it could know now, and finds no wrong calls",
                fix=f"write {near}" if near else f"define or import {name}",
            )


def _names_in(annotation: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    literal: set[int] = set()
    for node in walk(annotation):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value).split(".")[-1] in ("Literal", "Annotated"):
            literal |= {id(n) for n in walk(node.slice)}
        if id(node) in literal:
            continue
        if isinstance(node, ast.Name):
            yield node.id, node
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from ((n.id, node) for n in walk(_parsed(node.value)) if isinstance(n, ast.Name))


def _parsed(text: str) -> Any:
    try:
        return ast.parse(text, mode="eval")
    except SyntaxError:
        return ast.Constant(None)
