"""Which functions of libraries the methods name; only those may be named in a frame's bytes."""

from __future__ import annotations

import ast
import sys
import types
from typing import TYPE_CHECKING

from stateflow.compiler.types import resolve_value
from stateflow.protocol.modules import imported_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stateflow.compiler.program import Program
    from stateflow.compiler.unit import FunctionUnit

__all__ = ["library_functions"]


def library_functions(program: Program) -> frozenset[str]:
    """Return the functions that are not the user's and that some function names, each as `module:qualified name`."""
    return frozenset(name for unit in program.all_units() for name in _named_by(unit, program))


def _named_by(unit: FunctionUnit, program: Program) -> Iterator[str]:
    attributes = {n.attr for n in unit.nodes if isinstance(n, ast.Attribute)}
    for node in unit.nodes:
        if isinstance(node, ast.Name | ast.Attribute):
            yield from _name(resolve_value(node, unit.names), program)
    for imported in imported_names(unit.nodes, unit.names.get("__package__")):
        module, _, name = imported.rpartition(".")
        if module:
            # Perhaps a function of a module that is first imported when the method runs.
            yield f"{module}:{name}"
            yield from _name(getattr(sys.modules.get(module), name, None), program)
        for attribute in attributes:
            yield f"{imported}:{attribute}"
            yield from _name(getattr(sys.modules.get(imported), attribute, None), program)


def _name(value: object, program: Program) -> Iterator[str]:
    if isinstance(value, types.FunctionType) and value not in program.units and "<" not in value.__qualname__:
        yield f"{value.__module__}:{value.__qualname__}"
