"""The functions that generated code calls, by their names there (without the dot)."""

from __future__ import annotations

import operator
import types
from typing import Any

from stateflow.core.frame import STOP, SUSPENDED, UNBOUND, Frame, leave, unwind
from stateflow.core.lazy import Generator
from stateflow.protocol.deque_iterator import iterator_of, reversed_of, storable
from stateflow.references import Reference

__all__ = ["SUPPORT", "Template"]


class Template:
    """What function objects of one nested function are made from."""

    __slots__ = ("code", "doc", "name", "names", "owner_cell", "qualname")

    def __init__(self, code: types.CodeType, names: dict[str, Any], name: str, qualname: str, owner: type | None) -> None:
        self.code = code
        self.names = names
        self.name = name
        self.qualname = qualname
        self.owner_cell = types.CellType(owner)


def make(template: Template, cells: tuple[Any, ...], defaults: tuple[Any, ...], keyword_defaults: dict[str, Any]) -> types.FunctionType:
    """Make a function object over given cells; these come sorted by the names of their variables."""
    given = iter(cells)
    closure = tuple(template.owner_cell if n == "__class__" else next(given) for n in template.code.co_freevars)
    function = types.FunctionType(template.code, template.names, template.name, defaults or None, closure)
    function.__qualname__ = template.qualname
    if keyword_defaults:
        function.__kwdefaults__ = keyword_defaults
    return function


def cell_get(cell: types.CellType, name: str) -> Any:
    """Read a captured variable of the function itself."""
    try:
        return cell.cell_contents
    except ValueError:
        raise UnboundLocalError(f"cannot access local variable '{name}' where it is not associated with a value") from None


def free_get(cell: types.CellType, name: str) -> Any:
    """Read a variable of a function around."""
    try:
        return cell.cell_contents
    except ValueError:
        raise _unbound_outside(name) from None


def _unbound_outside(name: str) -> NameError:
    return NameError(f"cannot access free variable '{name}' where it is not associated with a value in enclosing scope")


def cell_clear(cell: types.CellType) -> None:
    """Make a captured variable unbound."""
    if hasattr(cell, "cell_contents"):
        del cell.cell_contents


def cell_set(cell: types.CellType, value: Any) -> Any:
    """Bind a captured variable by `:=`; return the value."""
    cell.cell_contents = value
    return value


def new_cell(*value: Any) -> types.CellType:
    """Return a cell, empty or with a value."""
    return types.CellType(*value)


def bound(value: Any, name: str) -> Any:
    """Return the value of a variable, or raise what Python raises for an unbound one."""
    if value is UNBOUND:
        raise UnboundLocalError(f"cannot access local variable '{name}' where it is not associated with a value")
    return value


def bound_outside(value: Any, name: str) -> Any:
    """Return the value of a variable read by a comprehension in the function, or raise what Python raises for an unbound one."""
    if value is UNBOUND:
        raise _unbound_outside(name)
    return value


def matches(error: BaseException, kinds: Any) -> bool:
    """Tell whether `except kinds` catches an exception."""
    for kind in kinds if isinstance(kinds, tuple) else (kinds,):
        if not (isinstance(kind, type) and issubclass(kind, BaseException)):
            raise TypeError("catching classes that do not inherit from BaseException is not allowed")
    return issubclass(type(error), kinds)


def type_of(value: Any) -> type:
    """Return `type(value)`; the class of the entity for a reference."""
    kind = type(value)
    return value._sf_class if issubclass(kind, Reference) else kind


def format_value(value: Any, conversion: int, spec: str) -> str:
    """Format one part of an f-string."""
    if conversion == 115:
        value = str(value)
    elif conversion == 114:
        value = repr(value)
    elif conversion == 97:
        value = ascii(value)
    return format(value, spec)


def check_manager(manager: Any) -> None:
    """Raise what `with` raises for an object that is no context manager."""
    kind = type_of(manager)
    for name, text in (("__enter__", ""), ("__exit__", " (missed __exit__ method)")):
        if not hasattr(kind, name):
            raise TypeError(f"'{kind.__name__}' object does not support the context manager protocol{text}")


def enter(manager: Any) -> Any:
    """Enter a native context manager."""
    return type(manager).__enter__(manager)


def exit_(manager: Any, error: BaseException | None) -> Any:
    """Leave a native context manager."""
    if error is None:
        return type(manager).__exit__(manager, None, None, None)
    return type(manager).__exit__(manager, type(error), error, error.__traceback__)


def matches_class(subject: Any, cls: Any) -> bool:
    """Test the class of a class pattern."""
    if not isinstance(cls, type):
        raise TypeError("called match pattern must be a class")
    return isinstance(subject, cls)


def match_argument(cls: type, position: int, count: int) -> str:
    """Return the attribute that a positional part of a class pattern stands for."""
    names = getattr(cls, "__match_args__", ())
    if type(names) is not tuple:
        raise TypeError(f"{cls.__name__}.__match_args__ must be a tuple (got {type(names).__name__})")
    if len(names) < count:
        raise TypeError(
            f"{cls.__name__}() accepts {len(names)} positional sub-pattern{'s' * (len(names) != 1)} ({count} given)"
        )
    name = names[position]
    if type(name) is not str:
        raise TypeError(f"__match_args__ elements must be strings (got {type(name).__name__})")
    return _unmatched(cls, name, names[:position])


def match_keyword(cls: type, name: str, count: int) -> str:
    """Return an attribute that a class pattern names, unless one of the `count` positional parts stands for it too."""
    return _unmatched(cls, name, getattr(cls, "__match_args__", ())[:count])


def _unmatched(cls: type, name: str, before: tuple[str, ...]) -> str:
    if name in before:
        raise TypeError(f"{cls.__name__}() got multiple sub-patterns for attribute '{name}'")
    return name


def generator(tx: Any, function: types.FunctionType, iterator: Any) -> Generator:
    """Make the generator of a generator expression."""
    code = tx.codes[function.__code__]
    return Generator(Frame(code, -1, (*code.cells(function), iterator)), code.short_name)


INPLACE = {
    "Add": operator.iadd, "Sub": operator.isub, "Mult": operator.imul, "MatMult": operator.imatmul, "Div": operator.itruediv,
    "FloorDiv": operator.ifloordiv, "Mod": operator.imod, "Pow": operator.ipow, "LShift": operator.ilshift, "RShift": operator.irshift,
    "BitAnd": operator.iand, "BitOr": operator.ior, "BitXor": operator.ixor,
}  # fmt: skip


def inplace(name: str, left: Any, right: Any) -> Any:
    """Carry out an augmented assignment's operator."""
    return INPLACE[name](left, right)  # type: ignore[no-untyped-call]


SUPPORT: dict[str, Any] = {
    "reversed_of": reversed_of, "storable": storable,
    "AssertionError": AssertionError, "BaseException": BaseException, "STOP": STOP, "SUSPENDED": SUSPENDED, "UNBOUND": UNBOUND,
    "bound": bound, "bound_outside": bound_outside, "cell_clear": cell_clear, "cell_get": cell_get, "cell_set": cell_set,
    "check_async_manager": lambda manager: None,
    "check_manager": check_manager, "enter": enter, "exit": exit_, "format": format_value, "free_get": free_get, "generator": generator,
    "inplace": inplace, "iter": iterator_of, "leave": leave, "list": list, "make": make, "match_argument": match_argument,
    "match_keyword": match_keyword, "matches": matches,
    "matches_class": matches_class, "new_cell": new_cell, "next": next, "set": set, "slice": slice, "type_of": type_of, "unwind": unwind,
}  # fmt: skip
