"""SF314, SF316 to SF320, SF324: what the analysed program shows to suspend where it cannot, through any number of calls."""

from __future__ import annotations

import ast
import functools
import inspect
from typing import TYPE_CHECKING, Any

from stateflow.compiler.analysis.inference import Inference, ModuleNames, infer_variables
from stateflow.compiler.analysis.suspension import find_suspension_points
from stateflow.compiler.checks.certainty import Certainty
from stateflow.compiler.checks.kept import check_kept
from stateflow.compiler.checks.suspensions import is_manager_function, is_native_library, manager_kind
from stateflow.compiler.program import unwrap
from stateflow.compiler.scope import FUNCTIONS
from stateflow.compiler.source import function_node
from stateflow.compiler.trees import children, walk
from stateflow.compiler.types import Kind, resolve_value
from stateflow.compiler.unit import nested_units

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stateflow.compiler.checks.context import Context, Unit
    from stateflow.compiler.checks.receivers import Receivers
    from stateflow.compiler.program import Program
    from stateflow.compiler.unit import FunctionUnit

__all__ = ["check_resumables"]

_LOOPS = (ast.For, ast.While, ast.AsyncFor)
_CLEANUPS = (ast.Try, ast.With, ast.AsyncWith)


def check_resumables(context: Context, receivers: Receivers, program: Program) -> None:
    """Check every function of an analysed program, those inside others too."""
    certainty = Certainty(program)
    for function, top in program.units.items():
        source = context.unit(function)
        for unit in top.family() if source is not None else ():
            assert source is not None
            _check_groups(context, source, unit)
            _check_generator(context, source, unit)
            check_kept(context, receivers, source, unit, certainty)
            for node in unit.nodes:
                if isinstance(node, ast.Call):
                    _check_callback(context, source, unit, node, certainty)
                elif isinstance(node, ast.With | ast.AsyncWith):
                    _check_managers(context, source, unit, node, certainty)
    for cls in (*program.entities, *program.value_classes):
        _check_cached(context, program, cls, certainty)


def _report(context: Context, code: str, source: Unit, node: Any, message: str, *, why: str, fix: str) -> None:
    """Report, unless a check that needs no analysis has found the same on this line."""
    span = source.source.span(node)
    if not any((d.code, d.span.file, d.span.line) == (code, span.file, span.line) for d in context.bag):
        context.report(code, source, node, message, why=why, fix=fix)


def _check_groups(context: Context, source: Unit, unit: FunctionUnit) -> None:
    if unit.suspension is None or isinstance(unit.node, ast.Lambda | ast.GeneratorExp):
        return
    for node in _lowered_groups(unit.node, unit.suspension.suspending, in_loop=False, has_cleanup=False):
        head = ast.Pass(lineno=node.lineno, col_offset=node.col_offset, end_lineno=node.lineno, end_col_offset=node.col_offset + len("try"))
        _report(
            context,
            "SF314",
            source,
            head,
            f"`{source.name}` may reach another entity inside a try statement with except*",
            why="the handlers of except* run on parts of one exception, which the interpreter keeps on its own stack",
            fix="write `except ExceptionGroup as group`, and take it apart by group.split(...)",
        )


def _lowered_groups(node: Any, suspending: set[int], *, in_loop: bool, has_cleanup: bool) -> Iterator[ast.TryStar]:
    """Yield the statements with except* that cannot stay native: they suspend, or jump out to what does."""
    for child in children(node):
        if isinstance(child, (*FUNCTIONS, ast.expr)):
            continue
        is_lowered = id(child) in suspending
        if isinstance(child, ast.TryStar) and (is_lowered or _jumps_out(child, in_loop=in_loop, has_cleanup=has_cleanup)):
            yield child
            continue
        loop = is_lowered if isinstance(child, _LOOPS) else in_loop
        yield from _lowered_groups(
            child, suspending, in_loop=loop, has_cleanup=has_cleanup or (is_lowered and isinstance(child, _CLEANUPS))
        )


def _jumps_out(node: ast.AST, *, in_loop: bool, has_cleanup: bool) -> bool:
    if isinstance(node, ast.Return):
        return has_cleanup
    if isinstance(node, ast.Break | ast.Continue):
        return in_loop
    if isinstance(node, (*FUNCTIONS, ast.expr)):
        return False
    inside = in_loop and not isinstance(node, _LOOPS)
    return any(_jumps_out(child, in_loop=inside, has_cleanup=has_cleanup) for child in children(node))


def _check_generator(context: Context, source: Unit, unit: FunctionUnit) -> None:
    if isinstance(unit.node, ast.GeneratorExp) and any(map(_is_asynchronous, unit.nodes)):
        _report(
            context,
            "SF324",
            source,
            unit.node,
            f"`{source.name}` makes an asynchronous generator of an expression that awaits",
            why="only `async for` takes values from it; what takes them otherwise, such as `sum`, raises TypeError in Python",
            fix="write a list comprehension, with [] around it",
        )
    if not (unit.is_async and unit.is_generator):
        return
    node = unit.node
    end = node.col_offset + len("async def ") + len(node.name)
    _report(
        context,
        "SF324",
        source,
        ast.Pass(lineno=node.lineno, col_offset=node.col_offset, end_lineno=node.lineno, end_col_offset=end),
        f"`{unit.qualname.replace('<locals>.', '')}` is an asynchronous generator",
        why="methods run without an event loop, which would have to close a generator that is left before its end",
        fix="write it as a generator without async, or let it return a list",
    )


def _is_asynchronous(node: ast.AST) -> bool:
    return isinstance(node, ast.Await) or (isinstance(node, ast.comprehension) and bool(node.is_async))


def _check_callback(context: Context, source: Unit, unit: FunctionUnit, call: ast.Call, certainty: Certainty) -> None:
    arguments = [*call.args, *[k.value for k in call.keywords]]
    if not arguments or not is_native_library(context, source, call.func):
        return
    library = ast.unparse(call.func)
    lazy = unit.suspension.lazy if unit.suspension is not None else ()
    for argument in arguments:
        if id(argument) in lazy:
            what, verb = "a generator expression that may reach another entity", "iterates over it in"
        elif _is_certain(unit, argument, arguments, certainty):
            what, verb = f"a function that reaches another entity: `{ast.unparse(argument)}`", "calls the function from"
        else:
            continue
        _report(
            context,
            "SF317",
            source,
            argument,
            f"`{source.name}` gives `{library}` {what}",
            why=f"{library} {verb} library code, which cannot wait for another entity",
            fix="read the values in the method first, for example by a list comprehension; sorted, min, max, map and filter can wait",
        )


def _is_certain(unit: FunctionUnit, argument: ast.expr, arguments: list[ast.expr], certainty: Certainty) -> bool:
    names = ModuleNames(unit, certainty.program)
    if isinstance(argument, ast.Call) and argument.args and resolve_value(argument.func, names) is functools.partial:
        return _is_certain(unit, argument.args[0], [], certainty)
    child = certainty.called(unit, argument)
    if child is None:
        return False
    if certainty.first(child) is not None:
        return True
    types = Inference(unit, certainty.program)
    has_entities = any(types.element(a).kind is Kind.ENTITY for a in arguments if a is not argument)
    return has_entities and _reads_parameter(child.node)


def _reads_parameter(function: Any) -> bool:
    """Tell whether the one parameter of a function, or one of a lambda's, is asked for an attribute whatever happens before."""
    parameters = {a.arg for a in function.args.args}
    if isinstance(function, ast.Lambda):
        parts = walk(function.body)
    elif len(parameters) == 1 and isinstance(function.body[-1], ast.Return) and len(function.body) == 1:
        parts = walk(function.body[0])
    else:
        return False
    return any(isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id in parameters for n in parts)


def _check_managers(context: Context, source: Unit, unit: FunctionUnit, node: Any, certainty: Certainty) -> None:
    found = certainty.within(node.body)
    for item in node.items:
        manager = item.context_expr
        kind = manager_kind(source, manager)
        if kind is None:
            continue
        code, what, fix = kind
        if found is not None:
            message = f"`{source.name}` keeps {what} while it reaches another entity by `{ast.unparse(found)}`"
        elif code == "SF318" and (inside := _reached_by_manager(source.names.value(manager.func), certainty)) is not None:
            message = f"`{source.name}` enters `{ast.unparse(manager.func)}`, which reaches another entity by `{ast.unparse(inside)}`"
        else:
            continue
        why = "the method may go on in another process once the other entity has answered; this cannot move there"
        _report(context, code, source, manager, message, why=why, fix=fix)


def _reached_by_manager(value: Any, certainty: Certainty) -> ast.AST | None:
    """Return what the generator behind a `contextmanager` function certainly reaches; it is no function of the program itself."""
    function = inspect.unwrap(value) if is_manager_function(value) else None
    is_own = inspect.isfunction(function) and function.__code__.co_filename in certainty.program.user_code
    node = function_node(function) if is_own else None  # type: ignore[arg-type]
    if node is None:
        return None
    unit = nested_units(function, node, None, {})  # type: ignore[arg-type]
    unit.resolve_scope()
    infer_variables(unit, certainty.program)
    return certainty.of_nodes(unit, find_suspension_points(unit, certainty.program).nodes)


def _check_cached(context: Context, program: Program, cls: type, certainty: Certainty) -> None:
    for name, member in vars(cls).items():
        if not isinstance(member, functools.cached_property):
            continue
        for function, _ in unwrap(member):
            unit, source = program.unit_of(function), context.unit(function)
            found = certainty.first(unit) if unit is not None else None
            if source is not None and found is not None:
                _report(
                    context,
                    "SF316",
                    source,
                    found,
                    f"the cached property `{source.name}` reaches another entity by `{ast.unparse(found)}`",
                    why="functools.cached_property calls the function from library code, which cannot wait for another entity",
                    fix=f"write @property, and keep the answer in an attribute such as self._{name}",
                )
