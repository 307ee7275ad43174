"""From annotated classes to a dataflow: collect, analyse, lower, run the passes, generate."""

from __future__ import annotations

import ast
import contextlib
import functools
import gc
import sys
import types
from typing import TYPE_CHECKING, Any

from stateflow.compiler.analysis.fields import infer_fields
from stateflow.compiler.analysis.inference import infer_variables
from stateflow.compiler.analysis.suspension import find_suspension_points
from stateflow.compiler.codegen.link import describe_code, finish_code, native_template
from stateflow.compiler.frontend.functions import lower_function
from stateflow.compiler.passes import run_passes
from stateflow.compiler.program import Program, is_of_total_ordering
from stateflow.core import prelude_table
from stateflow.core.frame import Code
from stateflow.dataflow import Dataflow
from stateflow.entity import decorated_classes
from stateflow.limits import NESTED_FRAMES
from stateflow.references import is_dunder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stateflow.compiler.ir import FunctionIR
    from stateflow.compiler.unit import FunctionUnit

__all__ = ["analyse", "compile_classes", "generate", "lower", "register_value"]

_values: dict[type, str | None] = {}


def register_value(cls: type, name: str | None = None) -> type:
    """Let objects of a class that is not found by itself be stored and sent; also usable as a decorator.

    Args:
        cls: a dataclass, enum, named tuple, exception, attrs, pydantic or msgspec class, or a plain class.
        name: names it in bytes; keep it when the class is renamed.
    """
    _values[cls] = name
    return cls


def compile_classes(classes: Sequence[type] = ()) -> Dataflow:
    """Compile entity classes to a dataflow.

    Args:
        classes: the entity classes; every decorated class when it is empty.

    Raises:
        CompileError: what cannot be compiled, every error at once.
    """
    from stateflow.compiler.checks import check_and_analyse

    with _without_collector(), _room_for_nesting():
        found, program = check_and_analyse(tuple(classes) or decorated_classes())
        found.raise_if_errors()
        assert program is not None
        codes = generate(program)
        codes |= prelude_codes()
        return Dataflow(program, codes, _user_values(program), dict(_values), native_code(program))


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """Switch the garbage collector off: syntax trees die at once, and looking for cycles in them would be a quarter of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextlib.contextmanager
def _room_for_nesting() -> Iterator[None]:
    """Let calls go as deep as the syntax that the compiler accepts."""
    limit, depth = sys.getrecursionlimit(), 0
    frame: types.FrameType | None = sys._getframe()
    while frame is not None:
        frame, depth = frame.f_back, depth + 1
    sys.setrecursionlimit(max(limit, depth + NESTED_FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


@functools.cache
def prelude_codes() -> dict[types.CodeType, Code]:
    """Compile Python's own functions in their resumable form; once for the process."""
    program = Program((), list(prelude_table.BY_NAME.values()))
    for unit in program.all_units():
        mark_resumable(unit, program)
    analyse(program)
    return generate(program)


def analyse(program: Program) -> None:
    """Find the types of all variables and the suspension points of all functions."""
    units = list(program.units.values())
    for unit in units:
        unit.resolve_scope()
    for _ in range(2):
        for unit in units:
            infer_variables(unit, program)
        infer_fields(program)
    for unit in units:
        infer_variables(unit, program)
    known: object = None
    grown = units
    while grown or known != _common_facts(program):
        sizes = [_family_size(top) for top in units]
        _find_resumable(program)
        # What the analysis of a function depends on, besides the function itself and those inside it.
        asked = grown if known == (known := _common_facts(program)) else units
        for unit in [u for top in asked for u in top.family() if u.resumable]:
            unit.suspension = find_suspension_points(unit, program)
        for top in [u for u in asked if any(m.resumable for m in u.family())]:
            # A generator expression becomes a function of its own when it is found to suspend, and so do the functions inside it. The
            # new functions take variables of those around them, which changes what is called by a name.
            top.resolve_scope()
            infer_variables(top, program)
        grown = [top for top, size in zip(units, sizes, strict=True) if _family_size(top) != size]


def _common_facts(program: Program) -> tuple[object, ...]:
    """Return what the analysis of one function may depend on in all others. Generator expressions are used where they are made only."""
    resumable = sum(1 for u in program.all_units() if u.resumable and not isinstance(u.node, ast.GeneratorExp))
    return resumable, program.has_lazy, program.has_function_values, len(program.resumable_names)


def _family_size(top: FunctionUnit) -> int:
    return sum(1 for _ in top.family())


def _find_resumable(program: Program) -> None:
    """Mark the functions that may suspend, until no more are found."""
    changed = True
    while changed:
        changed = False
        for unit in [u for top in program.units.values() for u in reversed(list(top.family()))]:
            if not unit.resumable and _may_suspend(unit, program):
                mark_resumable(unit, program)
                changed = True


def _may_suspend(unit: FunctionUnit, program: Program) -> bool:
    if unit.is_async or unit.is_generator:
        return True
    found = find_suspension_points(unit, program)
    return bool(found.points) or found.rewritten


def mark_resumable(unit: FunctionUnit, program: Program) -> None:
    """Note that a function may suspend, and by which names it is reached."""
    unit.resumable = True
    name = unit.short_name
    program.resumable_names.add(name)
    program.note_resumable_value(unit)
    if unit.parent is not None or unit.is_generator or unit.is_async:
        program.has_lazy = True
    owner = unit.owner
    if unit.function is not None and is_of_total_ordering(unit.function):
        program.dunders.add(unit.function.__name__)
    if owner is None or unit.parent is not None:
        return
    for alias, held in owner.__dict__.items():
        if isinstance(held, functools.partialmethod) and held.func is unit.function:
            program.resumable_names.add(alias)
    member = owner.__dict__.get(name)
    is_accessor = isinstance(member, property) and unit.function in (member.fget, member.fset, member.fdel)
    if is_accessor:
        program.resumable_properties.add(name)
    if is_dunder(name):
        program.dunders.add(name)


def lower(unit: FunctionUnit, program: Program, *, verify: bool = False) -> FunctionIR:
    """Return the control-flow graph of a resumable function after all passes."""
    function = lower_function(unit, program)
    run_passes(function, verify=verify)
    return function


def generate(program: Program) -> dict[types.CodeType, Code]:
    """Return the codes of all resumable functions; the keys are the code objects of the function objects.

    All are lowered here, so that a change of the user's modules afterwards means nothing to them. The passes and the generation of
    code wait for the first use.
    """
    codes: dict[types.CodeType, Code] = {}
    for top in program.units.values():
        constants: dict[str, Any] = {}
        family = [u for u in top.family() if any(m.resumable for m in u.family()) or _is_made_by_generated_code(u)]
        made: list[tuple[FunctionUnit, Code]] = []
        for unit in family:
            if unit.parent is not None:
                template = native_template(unit)
                constants[f".fn:{unit.name}"] = template
                # Code objects are equal when all they hold is; two functions that look alike must stay two keys.
                template.code = template.code.replace(co_consts=(*template.code.co_consts, unit.name))
                key = template.code
            else:
                assert unit.function is not None
                key = unit.function.__code__
            if unit.resumable:
                codes[key] = code = Code(unit.name, unit.short_name)
                made.append((unit, code))
            elif unit.parent is not None:
                program.native_codes[unit.name] = (key, unit.names)
        for unit, code in made:
            describe_code(code, unit)
            code.generate_by(functools.partial(_finish, code, unit, lower_function(unit, program), constants))
    return codes


def _finish(code: Code, unit: FunctionUnit, function: FunctionIR, constants: dict[str, Any]) -> None:
    with _without_collector(), _room_for_nesting():
        run_passes(function)
        finish_code(code, unit, function, constants)


def _is_made_by_generated_code(unit: FunctionUnit) -> bool:
    return unit.parent is not None and unit.parent.resumable


def native_code(program: Program) -> dict[str, tuple[types.CodeType, dict[str, Any]]]:
    """Return the code of functions that native functions make inside, such as closures, by name."""
    found = dict(program.native_codes)
    for function, unit in program.units.items():
        for number, code in enumerate(_inner_codes(function.__code__)):
            found[f"{unit.name}/{code.co_qualname}#{number}"] = (code, unit.names)
    return found


def _inner_codes(code: types.CodeType) -> Iterable[types.CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from _inner_codes(constant)


def _user_values(program: Program) -> list[type]:
    return [c for c in program.value_classes if c not in program.entity_set]


