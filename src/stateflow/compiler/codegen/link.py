"""Compile generated syntax trees to code and tie them to the user's module."""

from __future__ import annotations

import ast
import types
from typing import TYPE_CHECKING, Any

from stateflow.compiler.analysis.cleanup import cleans_up
from stateflow.compiler.codegen.emit import Emitter
from stateflow.compiler.codegen.nodes import load, place, without_lines
from stateflow.compiler.codegen.support import SUPPORT, Template
from stateflow.compiler.scope import FUNCTIONS
from stateflow.compiler.trees import copy_place, copy_tree, walk
from stateflow.core.frame import Code

if TYPE_CHECKING:
    from stateflow.compiler.ir import FunctionIR
    from stateflow.compiler.unit import FunctionUnit

__all__ = ["describe_code", "finish_code", "native_template"]


def finish_code(code: Code, unit: FunctionUnit, function: FunctionIR, constants: dict[str, Any]) -> None:
    """Give a `Code` its generated function.

    Args:
        code: what to finish.
        unit: the user's function.
        function: its control-flow graph.
        constants: what else its generated code names, such as the templates of the functions inside.
    """
    emitter = Emitter(function)
    name = unit.short_name
    # A name that no source can write: the function's own name stays the module's variable.
    tree = emitter.function_def(".generated")
    code.handlers = emitter.handlers()
    given = {**{f".{n}": v for n, v in SUPPORT.items()}, **constants, ".code": code, ".handlers": code.handlers, ".None": None}
    if unit.owner is not None:
        given["__class__"] = unit.owner
    code.live = dict(emitter.layout.saved)
    code.protects = emitter.protects
    if not isinstance(unit.node, ast.GeneratorExp):
        code.binder = _binder(unit)
    # Last: another thread that sees it runs it, and needs the rest.
    code.run = _link(tree, name, unit, given)


def describe_code(code: Code, unit: FunctionUnit) -> None:
    """Give a `Code` what its callers ask before it runs."""
    code.is_generator, code.is_async = unit.is_generator, unit.is_async
    code.cleans_up = cleans_up(unit)
    code.free = tuple(sorted(unit.scope.free))
    if isinstance(unit.node, ast.GeneratorExp):
        code.arity = 1
        return
    arguments = unit.node.args
    if not (arguments.vararg or arguments.kwonlyargs or arguments.kwarg):
        code.arity = len(arguments.posonlyargs) + len(arguments.args)


def _binder(unit: FunctionUnit) -> types.CodeType:
    """Return code with the user's own parameters that answers them as a tuple: it makes CPython check and bind the arguments."""
    from stateflow.compiler.scope import parameters

    arguments = copy_tree(unit.node.args)
    _strip(arguments)
    _drop_defaults(arguments)
    answer = ast.Return(ast.Tuple([ast.Name(n, ast.Load()) for n in parameters(arguments)], ast.Load()))
    name = "lambda_" if isinstance(unit.node, ast.Lambda) else unit.short_name
    tree = without_lines(_at_first_line(ast.FunctionDef(name, arguments, [answer], [], None), unit))
    code = _code_of(compile(ast.Module([tree], []), unit.filename, "exec", dont_inherit=True), name)
    return code.replace(co_name=unit.short_name, co_qualname=unit.qualname)


def _at_first_line(tree: Any, unit: FunctionUnit) -> Any:
    """Place a generated function where the user's stands: line tables count from there."""
    line = max(1, getattr(unit.node, "lineno", 1))
    tree.lineno, tree.end_lineno, tree.col_offset, tree.end_col_offset = line, line, 0, 0
    return tree


def _strip(arguments: ast.arguments) -> None:
    for argument in walk(arguments):
        if isinstance(argument, ast.arg):
            argument.annotation = None


def _drop_defaults(arguments: ast.arguments) -> None:
    """Let defaults be evaluated where the function is made: there they may await or suspend."""
    arguments.defaults = [ast.Constant(None) for _ in arguments.defaults]
    arguments.kw_defaults = [d and ast.Constant(None) for d in arguments.kw_defaults]


def _code_of(code: types.CodeType, name: str) -> types.CodeType:
    """Return the code of the function `name` inside."""
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            if constant.co_name == name:
                return constant
            found = _code_of(constant, name) if constant.co_consts else None
            if found is not None:
                return found
    return None  # type: ignore[return-value]


def _link(tree: ast.FunctionDef, name: str, unit: FunctionUnit, given: dict[str, Any]) -> types.FunctionType:
    """Compile a function inside another one that gives it constants, over the globals of the user's module."""
    outer = _outer(list(given), _at_first_line(tree, unit))
    code = _code_of(compile(ast.Module([outer], []), unit.filename, "exec", dont_inherit=True), ".outer")
    inner = _code_of(code, ".generated").replace(co_name=name, co_qualname=unit.qualname)
    closure = tuple(types.CellType(given[n]) for n in inner.co_freevars)
    result = types.FunctionType(inner, unit.names, name, None, closure)
    result.__defaults__ = (None,) * (inner.co_argcount - 1)
    return result


def _outer(names: list[str], tree: ast.stmt) -> ast.FunctionDef:
    arguments = ast.arguments([], [place(ast.arg(n)) for n in names], None, [], [], None, [])
    answer = place(ast.Return(load(tree.name)))  # type: ignore[attr-defined]
    outer = ast.FunctionDef(".outer", arguments, [tree, answer], [], None)
    return copy_place(outer, tree)


def native_template(unit: FunctionUnit) -> Template:
    """Return what makes function objects of a nested function, with the user's own code for native callers."""
    node = unit.node
    name = unit.short_name
    inner_name = ".inner"
    if isinstance(node, ast.GeneratorExp):
        arguments = ast.arguments([], [ast.arg(".0")], None, [], [], None, [])
        body: list[ast.stmt] = [ast.Expr(ast.Name(n, ast.Load())) for n in sorted(unit.scope.free)] or [ast.Pass()]
        tree: Any = ast.FunctionDef(inner_name, arguments, body, [], None)
    elif isinstance(node, ast.Lambda):
        body = [copy_place(ast.Return(node.body), node.body)]
        tree = copy_place(ast.FunctionDef(inner_name, node.args, body, [], None), node)
    else:
        kind = type(node)
        tree = copy_place(kind(inner_name, node.args, node.body, [], None), node)
    tree = copy_tree(tree)
    for function in walk(tree):
        if isinstance(function, FUNCTIONS):
            _strip(function.args)
    _drop_defaults(tree.args)
    _at_first_line(tree, unit)
    free = sorted(unit.scope.free | ({"__class__"} if unit.owner is not None else set()))
    outer = without_lines(_outer(free, tree))
    code = _code_of(compile(ast.Module([outer], []), unit.filename, "exec", dont_inherit=True), ".outer")
    inner = _code_of(code, inner_name).replace(co_name=name, co_qualname=unit.qualname)
    return Template(inner, unit.names, name, unit.qualname, unit.owner)
