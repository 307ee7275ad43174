"""Where a value comes from: an object that the module or a class holds, or a parameter of the function."""

from __future__ import annotations

import ast
import collections
import enum
import types
from typing import TYPE_CHECKING, Any

import msgspec

from stateflow.compiler.checks.receivers import member_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stateflow.compiler.checks.context import Context, Unit

__all__ = ["CONTAINERS", "NOWHERE", "Origin", "Origins", "attribute", "captured", "class_container", "is_iterator", "is_shared", "parts"]

CONTAINERS = (list, dict, set, bytearray, collections.deque)
_PLAIN = (str, bytes, int, float, complex, type(None), type, types.FunctionType, types.ModuleType, enum.Enum)
_ITERATORS: tuple[type, ...] = (types.GeneratorType, type(iter([])), type(iter({})))
# An element of a large table is like the others.
_LOOKED_AT = 32


class Origin(msgspec.Struct, frozen=True, eq=False):
    """One object that a value may be, or be a part of.

    `text` is how the module writes it, `value` the object, `of` says whose it is; `parameter` is set instead where the caller gives it.
    """

    text: str
    value: Any = None
    of: str = ""
    parameter: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Origin) and self.parameter == other.parameter and self.value is other.value

    def __hash__(self) -> int:
        return hash((self.parameter, id(self.value)))


Origins = frozenset[Origin]
NOWHERE: Origins = frozenset()


def is_shared(context: Context, value: object) -> bool:
    """Tell whether an object that a module holds can change: a container, an iterator, an object of a class of the user."""
    if isinstance(value, _PLAIN):
        return False
    return isinstance(value, CONTAINERS) or is_iterator(value) or (context.is_user_class(type(value)) and not _is_frozen(type(value)))


def is_iterator(value: object) -> bool:
    """Tell whether taking the next element changes an object."""
    return isinstance(value, _ITERATORS) or (type(value).__module__ == "itertools" and hasattr(value, "__next__"))


def _is_frozen(cls: Any) -> bool:
    options = cls.__dict__.get("__dataclass_params__")
    return (options is not None and options.frozen) or issubclass(cls, tuple)


def parts(context: Context, origins: Iterable[Origin]) -> Origins:
    """Return what the elements of some containers may be; an empty one stands for its elements, which are not known yet."""
    found: set[Origin] = set()
    for origin in origins:
        if origin.parameter or not isinstance(origin.value, (*CONTAINERS, tuple)):
            found.add(origin)
            continue
        elements = list(origin.value.values() if isinstance(origin.value, dict) else origin.value)[:_LOOKED_AT]
        if not elements:
            found.add(origin)
        found |= {Origin(f"{origin.text}[...]", e, origin.of) for e in elements if isinstance(e, tuple) or is_shared(context, e)}
    return frozenset(found)


def attribute(context: Context, origins: Iterable[Origin], name: str) -> Origins:
    """Return what an attribute of some objects may be."""
    found: set[Origin] = set()
    for origin in origins:
        if origin.parameter:
            found.add(origin)
            continue
        own = getattr(origin.value, "__dict__", {})
        value = own[name] if name in own else member_of(type(origin.value), name)
        if is_shared(context, value):
            found.add(Origin(f"{origin.text}.{name}", value, origin.of))
    return frozenset(found)


def captured(context: Context, unit: Unit) -> Iterator[tuple[str, Origin]]:
    """Yield the variables around a function of the module that it captured and that hold what can change."""
    function = unit.source.function
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            value = cell.cell_contents
        except ValueError:
            continue
        if is_shared(context, value):
            yield name, Origin(name, value, "that the function keeps")


def class_container(context: Context, unit: Unit, node: ast.Attribute) -> Origin | None:
    """Return the object that an attribute of the object or of its class is, where it can change and only the body of the class sets it."""
    if unit.owner is None or unit.first is None or not _is_own(unit, node.value):
        return None
    name = unit.mangled(node.attr)
    value = member_of(unit.owner, name)
    # What answers for an attribute, as a property does, is not what reading the attribute gives.
    if not is_shared(context, value) or hasattr(type(value), "__get__") or _is_set_by_a_method(context, unit.owner, name):
        return None
    return Origin(ast.unparse(node), value, f"that all objects of {unit.owner.__name__} share")


def _is_own(unit: Unit, node: ast.expr) -> bool:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr="__class__", value=ast.Name(id=name)):
            return name == unit.first
        case ast.Call(func=ast.Name(id="type"), args=[ast.Name(id=name)]):
            return name == unit.first
    return False


def _is_set_by_a_method(context: Context, cls: type, name: str) -> bool:
    relatives = {base for member in context.family(cls) for base in member.__mro__}
    for unit in context.units:
        if unit.owner in relatives:
            stored = [n for n in unit.of(ast.Attribute) if isinstance(n.ctx, ast.Store) and unit.mangled(n.attr) == name]
            # `self.tags += [1]` changes the container before it sets the attribute.
            changed = {id(n.target) for n in unit.of(ast.AugAssign)} if stored else set()
            if any(id(n) not in changed for n in stored):
                return True
    return False
