"""Find which calls are suspension points."""

from __future__ import annotations

import ast
import functools
import types
from typing import TYPE_CHECKING

import msgspec

from stateflow.compiler.analysis import dunders
from stateflow.compiler.analysis.inference import Inference
from stateflow.compiler.repeatable import is_not_repeatable
from stateflow.compiler.types import Kind, Type, derives, resolve_value
from stateflow.core.containment import GETTERS
from stateflow.core.prelude_native import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stateflow.compiler.program import Program
    from stateflow.compiler.unit import FunctionUnit

__all__ = ["CallFinder", "Suspension", "Visible"]


class Suspension(msgspec.Struct):
    """What suspends in one function, by the ids of nodes.

    `points` are the suspension points with the reason for each, `suspending` the nodes that contain one, `lazy` the generator
    expressions that are compiled as generators, `nodes` the points themselves (for `explain`). `rewritten` says that something else needs
    compiled code: the clock, `type(x)`, a function inside that suspends.
    """

    points: dict[int, str]
    suspending: set[int]
    lazy: set[int]
    nodes: list[ast.AST]
    rewritten: bool = False


class CallFinder:
    """The part of the search that looks at calls; it notes what it finds in `result`."""

    def __init__(self, unit: FunctionUnit, program: Program) -> None:
        self.unit = unit
        self.program = program
        self.types = Inference(unit, program)
        self.result = Suspension({}, set(), set(), [])

    def _call(self, node: ast.Call) -> str | None:
        if is_not_repeatable(node, self.unit, self.types):
            self.result.rewritten = True
        if isinstance(node.func, ast.Name):
            return self._call_of_name(node, node.func.id)
        if isinstance(node.func, ast.Attribute):
            return self._call_of_attribute(node, node.func)
        return None if isinstance(node.func, ast.Lambda) and not self._carries([node.func]) else "calls a computed function"

    def _call_of_name(self, node: ast.Call, name: str) -> str | None:
        scope = self.unit.scope
        if name in scope.bound or name in scope.free or "." in name:
            child = self._only_definition(name)
            return None if child is not None and not child.resumable else "calls a function held by a variable"
        found, value = self.program.global_value(self.unit, name)
        return self._call_of_value(node, value) if found else None

    def _only_definition(self, name: str) -> FunctionUnit | None:
        """Return the unit of the one nested function that a variable can hold."""
        if name not in self.unit.scope.bound:
            return None
        defined = [u for u in self.unit.children.values() if getattr(u.node, "name", None) == name]
        is_stored = name in self.unit.stored_names
        return defined[0] if len(defined) == 1 and not is_stored and not defined[0].node.decorator_list else None

    def _call_of_value(self, node: ast.Call, value: object) -> str | None:
        unit = self.program.unit_of(value)
        if unit is not None:
            if unit.owner is not None and node.args and self._may_be_entity_of(unit.owner, node.args[0]):
                return f"calls {unit.short_name} on what may be another entity"
            return f"{unit.short_name} may suspend" if unit.resumable else None
        if isinstance(value, type):
            return self._call_of_class(node, value)
        if isinstance(value, types.WrapperDescriptorType) and node.args and self._may_be_entity_of(object, node.args[0]):
            return f"calls {value.__qualname__} on what may be another entity"
        name = getattr(value, "__name__", "")
        if isinstance(value, types.FunctionType) and value in OPERATIONS:
            return "an operation of the transaction"
        if getattr(value, "__module__", None) == "stateflow.entity" and name == "delete":
            return "deletes an entity"
        if value in FUNCTIONAL or (getattr(value, "__module__", None) == "asyncio.tasks" and name == "gather"):
            return "runs functions or coroutines that may suspend"
        if name in dunders.BUILTINS and getattr(value, "__module__", None) == "builtins":
            return self._call_of_builtin(node, name)
        return None

    def _may_be_entity_of(self, owner: type, argument: ast.expr) -> bool:
        is_own = self.types.of(argument).kind is Kind.LOCAL
        return not is_own and any(derives(e, owner) for e in self.program.entities)

    def _call_of_class(self, node: ast.Call, cls: type) -> str | None:
        if cls in self.program.entity_set:
            return f"creates {cls.__name__}"
        if cls is type:
            if len(node.args) == 1 and not self.types.of(node.args[0]).is_plain:
                self.result.rewritten = True
            return None
        if cls in self.program.value_classes:
            return f"creating {cls.__name__} may suspend" if self._creates_slowly(cls) else None
        if cls.__name__ in dunders.BUILTINS and cls.__module__ == "builtins":
            return self._call_of_builtin(node, cls.__name__)
        return None

    def _call_of_builtin(self, node: ast.Call, name: str) -> str | None:
        arguments = [*node.args, *[k.value for k in node.keywords]]
        if name in dunders.ATTRIBUTE_BUILTINS:
            return self._dynamic_attribute(node)
        if name in dunders.WHOLE_BUILTINS:
            is_own = not node.args or self.types.of(node.args[0]).kind is Kind.LOCAL
            return None if is_own else "the argument may be another entity"
        if name in dunders.CONSUMERS and self._carries(arguments):
            # The compiled forms of these give generators.
            self.program.has_lazy |= name in dunders.LAZY
            return "an argument may suspend while it is consumed"
        defined = dunders.BUILTINS[name] & self.program.dunders
        if defined and any(not self._is_plain(self.types.of(a)) for a in arguments):
            self.program.has_lazy |= name in dunders.LAZY
            return f"an argument may define {', '.join(sorted(defined))}"
        return None

    def _dynamic_attribute(self, node: ast.Call) -> str | None:
        if not node.args or self.types.of(node.args[0]).is_plain:
            return None
        named = node.args[1] if len(node.args) > 1 else None
        name = named.value if isinstance(named, ast.Constant) else None
        is_own = self.types.of(node.args[0]).kind is Kind.LOCAL and isinstance(name, str)
        # A name that no entity has is no exception: whether the entity exists must be seen first.
        return None if is_own and name not in self.program.resumable_properties else "the receiver may be another entity"

    def _call_of_attribute(self, node: ast.Call, function: ast.Attribute) -> str | None:
        is_of_object = isinstance(function.value, ast.Name) and function.value.id == "object" and self.types.is_builtin("object")
        value = getattr(object, function.attr, None) if is_of_object else resolve_value(function, Visible(self.unit))
        if value is not None:
            if getattr(value, "__func__", None) is BY_KEY:
                return "addresses an entity"
            if isinstance(value, types.MethodType):
                value = value.__func__
            return self._call_of_value(node, value)
        owner = self.types.of(function.value)
        if owner.kind is Kind.ENTITY:
            return f"{owner} is another entity"
        arguments = [*node.args, *[k.value for k in node.keywords]]
        defined = dunders.METHODS.get(function.attr, frozenset()) & self.program.dunders
        if defined and any(not self._is_plain(t) for t in (owner, *map(self.types.of, arguments))):
            return f"an element or argument may define {', '.join(sorted(defined))}"
        if owner.is_plain:
            return self._call_of_plain_method(owner, function.attr, arguments)
        if owner.kind is Kind.UNKNOWN and self.program.may_be_remote_name(function.attr):
            return "the receiver may be another entity"
        if function.attr in GENERATOR_METHODS and self.program.has_lazy:
            return "the receiver may be a generator that suspends"
        if function.attr in self.program.resumable_names:
            return f"{function.attr} may suspend"
        if function.attr in self.program.stored_names or self.program.is_open:
            return "calls what an attribute holds"
        return "an argument may suspend while it is consumed" if self._carries(arguments) else None

    def _call_of_plain_method(self, owner: Type, name: str, arguments: list[ast.expr]) -> str | None:
        if self._carries(arguments) and name in dunders.CONSUMING_METHODS:
            return "an argument may suspend while it is consumed"
        return None

    def _carries(self, arguments: Iterable[ast.expr]) -> bool:
        """Tell whether an argument may be a function or an iterator that suspends when it is used."""
        return any(self._may_carry(a.value if isinstance(a, ast.Starred) else a) for a in arguments)

    def _may_carry(self, node: ast.expr) -> bool:
        if isinstance(node, ast.GeneratorExp):
            return id(node) in self.result.lazy
        if isinstance(node, ast.Lambda):
            child = self.unit.children.get(id(node))
            return child is not None and child.resumable
        if isinstance(node, ast.Name) and (child := self._only_definition(node.id)) is not None:
            return child.resumable
        value = resolve_value(node, Visible(self.unit))
        unit = self.program.unit_of(value)
        if unit is not None:
            return unit.resumable
        if isinstance(value, type) and (value in self.program.entity_set or self._creates_slowly(value)):
            return True
        if isinstance(node, ast.Name) and self.types.is_builtin(node.id):
            return bool(dunders.BUILTINS.get(node.id, frozenset()) & self.program.dunders)
        if "__call__" in self.program.dunders and self._may_be_callable(self.types.of(node)):
            return True
        if self.types.of(node).cls in GETTERS:
            return True
        if isinstance(value, type):
            return False
        if isinstance(node, ast.Attribute) and node.attr in self.program.resumable_names:
            return True
        if isinstance(node, ast.Call) and id(node) not in self.result.points and self._is_of_python(node):
            return False
        kind = self.types.of(node)
        if kind.kind is Kind.LOCAL:
            return kind.cls in _FUNCTIONS and self.program.has_function_values
        return kind.kind is Kind.UNKNOWN and (self.program.has_lazy or self.program.has_function_values)

    def _may_be_callable(self, kind: Type) -> bool:
        return kind.kind is not Kind.LOCAL or (kind.cls is not None and self.program.member(kind.cls, "__call__") in self.program.units)

    def _is_of_python(self, node: ast.Call) -> bool:
        """Tell whether a call is of one of Python's own functions or classes, that gives no function."""
        called = resolve_value(node.func, Visible(self.unit))
        if isinstance(node.func, ast.Name) and self.types.is_builtin(node.func.id):
            return node.func.id not in _GIVING_BACK
        is_known = called is not None and called not in FUNCTIONAL
        return is_known and self.program.unit_of(called) is None and called not in self.program.known_classes

    def _creates_slowly(self, cls: type) -> bool:
        """Tell whether creating an object of a class of the user may suspend."""
        if cls not in self.program.value_classes:
            return False
        units = [self.program.unit_of(self.program.member(cls, n)) for n in ("__init__", "__post_init__", "__new__", "__call__")]
        return any(u is not None and u.resumable for u in units)

    def _is_plain(self, kind: Type) -> bool:
        """Tell whether no code of the user can run for an operator on the value, nor on what it holds."""
        if not kind.is_plain:
            return False
        if kind.cls in (list, tuple, set, frozenset, dict):
            return bool(kind.elements) and all(self._is_plain(e) for e in kind.elements)
        return True


class Visible(dict[str, object]):
    """The module's names that no variable of the function hides."""

    def __init__(self, unit: FunctionUnit) -> None:
        super().__init__()
        self.unit = unit

    def get(self, name: str, default: object = None) -> object:
        """Return what a name of the module stands for; `default` where a variable hides it."""
        scope = self.unit.scope
        return default if name in scope.bound or name in scope.free else self.unit.names.get(name, default)


GENERATOR_METHODS = frozenset({"send", "throw", "close", "__next__"})
# Builtins that may answer with a function that they were given.
_GIVING_BACK = frozenset({"next", "getattr", "min", "max", "vars"})
_FUNCTIONS = frozenset({types.FunctionType, types.MethodType, functools.partial, type})
FUNCTIONAL = frozenset({functools.reduce, functools.partial})


def _by_key() -> object:
    from stateflow.entity import _by_key as function

    return function


BY_KEY = _by_key()
