"""What the modules, classes and functions of a program hold: a frame names it instead of copying it, so `x is LIMITS["a"]` stays true."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

from stateflow.compiler.program import cell_contents
from stateflow.protocol.atoms import ATOMS
from stateflow.protocol.held_objects import HeldObjects

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from stateflow.compiler.program import Program
    from stateflow.protocol.values import ValueTypes

__all__ = ["held_objects"]

# Known by their names, or never kept as values.
_LEFT_OUT = ATOMS | {types.ModuleType, types.CellType, types.CodeType}


def held_objects(program: Program, values: ValueTypes) -> HeldObjects:
    """Return the objects that frames of a program name.

    Args:
        program: the classes and functions.
        values: what can be stored.
    """

    def is_named(kind: type) -> bool:
        return kind in values.shapes and kind not in _LEFT_OUT and not issubclass(kind, type)

    roots = {
        name: value
        for name, value in _roots(program)
        if is_named(type(value)) and id(value) not in values.constant_names and not (isinstance(value, tuple | frozenset) and not value)
    }
    return HeldObjects(roots, is_named, frozenset(program.value_classes), values.constant_names)


def _roots(program: Program) -> Iterator[tuple[str, Any]]:
    for names in _modules(program):
        module = names.get("__name__", "?")
        # What begins so is not the user's: `__annotations__`, `__path__`.
        yield from ((f"{module}.{name}", value) for name, value in names.items() if not name.startswith("__"))
    for cls in (*program.entities, *program.value_classes):
        attributes = [(n, v) for n, v in cls.__dict__.items() if not n.startswith("__") and not isinstance(v, types.FunctionType)]
        yield from ((f"{cls.__module__}.{cls.__qualname__}.{name}", value) for name, value in attributes)
    for unit in program.units.values():
        function = unit.function
        if function is not None:
            given = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
            yield from ((f"{unit.name} default {number}", value) for number, value in enumerate(given))
            yield from ((f"{unit.name} around {number}", value) for number, value in enumerate(cell_contents(function)))


def _modules(program: Program) -> list[Mapping[str, Any]]:
    """Return the namespaces of the user's modules: those of the functions, and those that they hold."""
    found = {id(u.names): u.names for u in program.units.values()}
    pending = list(found.values())
    while pending:
        for value in list(pending.pop().values()):
            if type(value) is types.ModuleType and id(vars(value)) not in found and _is_of_user(value, program):
                found[id(vars(value))] = vars(value)
                pending.append(vars(value))
    return list(found.values())


def _is_of_user(module: types.ModuleType, program: Program) -> bool:
    file = getattr(module, "__file__", None)
    # One that a program made by hand has no file.
    return (file is None and module.__spec__ is None) or (file is not None and file in program.user_code)
