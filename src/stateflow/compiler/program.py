"""The closed world: every function and class that the entity classes reach by name."""

from __future__ import annotations

import ast
import builtins
import collections
import functools
import inspect
import re
import sys
import types
from collections import deque
from typing import TYPE_CHECKING, Any

from stateflow.compiler.analysis.dunders import ALL_DUNDERS
from stateflow.compiler.function_values import callables_in, named_values
from stateflow.compiler.source import function_node
from stateflow.compiler.trees import walk
from stateflow.compiler.types import UNKNOWN, Type, resolve_value
from stateflow.compiler.unit import FunctionUnit, nested_units
from stateflow.compiler.user_code import UserCode
from stateflow.core.containment import GETTERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Program", "cell_contents", "is_of_total_ordering", "unwrap"]


def unwrap(member: object) -> list[tuple[types.FunctionType, dict[str, bool]]]:
    """Return the functions behind a class member: itself, those of a property, that of a static or class method."""
    match member:
        case types.FunctionType():
            return [(member, {})]
        case staticmethod():
            return [(f, {"is_static": True}) for f, _ in unwrap(member.__func__)]
        case classmethod():
            return [(f, {"is_class": True}) for f, _ in unwrap(member.__func__)]
        case property():
            return [pair for f in (member.fget, member.fset, member.fdel) for pair in unwrap(f)]
        case functools.cached_property():
            return unwrap(member.func)
        case _:
            return []


def is_of_total_ordering(function: types.FunctionType) -> bool:
    """Tell whether a function is one by which `functools.total_ordering` completes a class: plain Python over the class's own methods."""
    return function.__module__ == "functools" and _ORDERING.fullmatch(function.__code__.co_name) is not None


def cell_contents(function: types.FunctionType | None) -> Iterator[object]:
    """Yield what the variables around a function hold, those that are set."""
    for cell in (function.__closure__ or ()) if function is not None else ():
        try:
            yield cell.cell_contents
        except ValueError:
            continue


_ORDERING = re.compile("_(lt|le|gt|ge)_from_(lt|le|gt|ge)")


class Program:
    """What the compiler knows of all functions and classes together.

    `entity_names` are the attributes and methods that an entity may have, `dunders` those that syntax may call on one,
    `reassigned_names` the attributes that change after creation, `resumable_names` the members and functions that may suspend.
    `is_open` says that attribute names are computed somewhere, `has_function_values` that functions which may suspend are used as values.
    """

    def __init__(self, entities: Sequence[type], functions: Sequence[types.FunctionType] = ()) -> None:
        self.entities = tuple(entities)
        self.entity_set = frozenset(entities)
        self.user_code = UserCode(entities)
        self.units: dict[types.FunctionType, FunctionUnit] = {}
        self.value_classes: dict[type, None] = {}
        self.fields: dict[str, Type] = {}
        self.entity_names: set[str] = set()
        self.stored_names: set[str] = set()
        self.member_names: set[str] = set()
        self.reassigned_names: set[str] = set()
        self.dunders: set[str] = set()
        self.resumable_names: set[str] = set()
        self.resumable_properties: set[str] = set()
        self.has_lazy = False
        self.has_function_values = False
        self.function_values: set[object] = set()
        self.read_names: set[str] = set()
        self.is_open = False
        self.numbers: dict[str, int] = {}
        self.native_codes: dict[str, tuple[types.CodeType, dict[str, Any]]] = {}
        self._queue: list[object] = []
        self._looked_at: set[int] = set()
        # The prelude is compiled like a user's functions, with nothing known of what it is given.
        self.is_prelude = bool(functions)
        for function in functions:
            self._add_function(function)
        self._collect()
        self._name_members()
        if self.is_prelude:
            self.is_open = self.has_lazy = True
            self.dunders = set(ALL_DUNDERS)

    def all_units(self) -> Iterator[FunctionUnit]:
        """Yield every unit, nested ones too."""
        for unit in self.units.values():
            yield from unit.family()

    def _collect(self) -> None:
        if self.is_prelude:
            return
        for cls in self.entities:
            self._add_class(cls)
            module = sys.modules.get(cls.__module__)
            names = vars(module) if module else self._globals_of(cls)
            for value in list(names.values()):
                if isinstance(value, type) and value.__module__ == cls.__module__:
                    self._queue.append(value)
        while self._queue:
            found = self._queue.pop()
            if isinstance(found, types.FunctionType):
                self._add_function(found)
            elif isinstance(found, type) and found not in self.value_classes and found not in self.entity_set:
                self._add_class(found)

    @staticmethod
    def _globals_of(cls: type) -> dict[str, Any]:
        functions = [f for member in cls.__dict__.values() for f, _ in unwrap(member)]
        own = [f for f in functions if f.__module__ == cls.__module__]
        return own[0].__globals__ if own else {}

    def _add_class(self, cls: type) -> None:
        if cls not in self.entity_set:
            self.value_classes[cls] = None
        for base in cls.__mro__:
            if base is cls or (base not in self.value_classes and base not in self.entity_set):
                if base is not cls and self._is_user_class(base):
                    self.value_classes[base] = None
                for member in base.__dict__.values():
                    functions = unwrap(member)
                    for function, flags in functions:
                        self._add_function(function, base, **flags)
                    if not functions:
                        self._reach(member)

    def _is_user_class(self, cls: type) -> bool:
        module = sys.modules.get(cls.__module__)
        filename = getattr(module, "__file__", None) or "<unknown>"
        return cls.__module__ not in ("builtins", "typing", "abc") and filename in self.user_code

    def _add_function(self, function: types.FunctionType, owner: type | None = None, **flags: bool) -> None:
        is_ordering = is_of_total_ordering(function)
        if function in self.units or not (self.is_prelude or is_ordering or function.__code__.co_filename in self.user_code):
            return
        if is_ordering:
            # One function serves all classes that the decorator completes.
            owner = None
        node = function_node(function)
        if node is None:
            return
        unit = nested_units(function, node, owner, self.numbers, **flags)
        self.units[function] = unit
        for value in self._reached(unit):
            self._reach(value)

    def _reach(self, value: object) -> None:
        """Note the functions and classes of the user that a value is or holds, to be compiled."""
        for found, is_object in callables_in(value, self._is_user_class) if id(value) not in self._looked_at else ():
            if (isinstance(found, types.FunctionType) and not self.is_prelude) or (isinstance(found, type) and self._is_user_class(found)):
                self._queue.append(found)
                if found is not value and not is_object:
                    self.function_values.add(found)
        self._looked_at.add(id(value))

    @staticmethod
    def _reached(unit: FunctionUnit) -> Iterator[object]:
        for node in walk(unit.node):
            if isinstance(node, ast.Name):
                yield unit.names.get(node.id)
            elif isinstance(node, ast.Attribute):
                yield resolve_value(node, unit.names)
        yield from cell_contents(unit.function)
        if unit.function is not None:
            yield from unit.function.__defaults__ or ()
            yield from (unit.function.__kwdefaults__ or {}).values()

    def _note_function_values(self) -> None:
        if self.is_prelude:
            return
        for unit in self.units.values():
            for name, value in named_values(unit.node, unit.names):
                self.read_names.add(name)
                if isinstance(value, types.FunctionType | type):
                    self.function_values.add(value)
            self.function_values.update(v for v in cell_contents(unit.function) if isinstance(v, types.FunctionType | type))
        self.has_function_values |= not self.function_values.isdisjoint({*self.entities, *GETTERS})

    def note_resumable_value(self, unit: FunctionUnit) -> None:
        """Note that a function which may suspend is a value somewhere, when it is one."""
        owner, name = unit.owner, unit.short_name
        if owner is None:
            self.has_function_values |= unit.function in self.function_values
        elif name in ("__init__", "__post_init__", "__new__"):
            self.has_function_values |= any(isinstance(v, type) and issubclass(v, owner) for v in self.function_values)
        else:
            self.has_function_values |= name in self.read_names or unit.function in self.function_values

    def _name_members(self) -> None:
        for cls in self.entities:
            for base in cls.__mro__[:-1]:
                self.entity_names.update(n for n in base.__dict__ if not n.startswith("__"))
                self.entity_names.update(inspect.get_annotations(base))
                self.dunders.update(n for n, m in base.__dict__.items() if n.startswith("__") and callable(m))
        self.dunders -= {"__init__", "__stateflow_entity__", "__key__", "__init_subclass__", "__class_getitem__", "__new__"}
        self.dunders -= {"__partition__", "__post_init__", "__upgrade__"}
        for cls in (*self.entities, *self.value_classes):
            self.member_names.update(cls.__dict__)
        methods = {n for cls in self.entities for b in cls.__mro__[:-1] for n, m in b.__dict__.items() if isinstance(m, types.FunctionType)}
        called: set[int] = set()
        for unit in self.all_units():
            is_creation = unit.short_name in ("__init__", "__upgrade__") and unit.parent is None
            for node in walk(unit.node):
                kind = type(node)
                if kind is ast.Call:
                    called.add(id(node.func))
                elif kind is ast.Name:
                    if node.id in ("setattr", "vars", "__dict__"):
                        self.is_open = True
                elif kind is not ast.Attribute:
                    continue
                elif not isinstance(node.ctx, ast.Load):
                    self.stored_names.add(node.attr)
                    if not is_creation:
                        self.reassigned_names.add(node.attr)
                elif node.attr in ("__dict__", "__setattr__"):
                    self.is_open = True
                elif node.attr in methods and id(node) not in called:
                    self.has_function_values = True
        self._note_function_values()
        for cls in self.entities:
            if any("__getattr__" in b.__dict__ or "__getattribute__" in b.__dict__ for b in cls.__mro__[:-1]):
                self.is_open = True
        self.entity_names |= self.stored_names

    @functools.cached_property
    def has_deques(self) -> bool:
        """Whether a module of the user, or a function, names `deque` or the module of it."""
        spaces = {id(u.names): u.names for u in self.units.values()}
        if any(value is deque or value is collections for names in spaces.values() for value in names.values()):
            return True
        imports = (n for u in self.all_units() for n in u.nodes if isinstance(n, ast.Import | ast.ImportFrom))
        return any("collections" in ast.unparse(node) for node in imports)

    @property
    def known_classes(self) -> set[type]:
        """The entity and value classes."""
        return {*self.entities, *self.value_classes}

    def may_be_remote_name(self, name: str) -> bool:
        """Tell whether an entity may have an attribute or method of this name."""
        return self.is_open or name in self.entity_names or name in self.dunders

    def member(self, cls: type, name: str) -> object:
        """Return what a class holds under a name, without binding it; None when it holds nothing."""
        for base in cls.__mro__:
            if name in base.__dict__:
                return base.__dict__[name]
        return None

    def unit_of(self, function: object) -> FunctionUnit | None:
        """Return the unit of a user's function; None for other callables."""
        return self.units.get(function) if isinstance(function, types.FunctionType) else None

    def global_value(self, unit: FunctionUnit, name: str) -> tuple[bool, object]:
        """Return whether a name is bound in the module or the builtins, and to what."""
        if name in unit.names:
            return True, unit.names[name]
        if hasattr(builtins, name):
            return True, getattr(builtins, name)
        return False, None

    def field_type(self, name: str) -> Type:
        """Return the type that attributes of this name have in every class."""
        return UNKNOWN if self.is_open else self.fields.get(name, UNKNOWN)


