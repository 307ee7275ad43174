"""One function as the compiler sees it."""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING, Any

from stateflow.compiler.frontend.normalise import normalise
from stateflow.compiler.scope import FUNCTIONS, Scope, Walks, analyse, own_nodes
from stateflow.compiler.trees import walk

if TYPE_CHECKING:
    import types
    from collections.abc import Iterator

    from stateflow.compiler.analysis.suspending_calls import Suspension
    from stateflow.compiler.types import Type

__all__ = ["FunctionUnit", "nested_units"]


class FunctionUnit:
    """A function, method, lambda or generator expression of the closed world.

    `node` is its normalised tree; `function` the user's function object (None for a nested one); `owner` the class whose body holds it;
    `name` is unique in the program and names its code in frames.
    """

    def __init__(
        self,
        name: str,
        node: Any,
        filename: str,
        names: dict[str, Any],
        *,
        owner: type | None = None,
        function: types.FunctionType | None = None,
        parent: FunctionUnit | None = None,
        is_static: bool = False,
        is_class: bool = False,
    ) -> None:
        self.name = name
        self.node = node
        self.filename = filename
        self.names = names
        self.owner = owner
        self.function = function
        self.parent = parent
        self.is_static = is_static
        self.is_class = is_class
        self._walks: Walks = parent._walks if parent is not None else {}
        self.is_async = isinstance(node, ast.AsyncFunctionDef)
        self.is_generator = isinstance(node, ast.GeneratorExp) or any(type(n) in (ast.Yield, ast.YieldFrom) for n in self.nodes)
        self.scope = Scope(set(), set(), set(), set())
        self.children: dict[int, FunctionUnit] = {}
        self.env: dict[str, Type] = {}
        self.suspension: Suspension | None = None
        self.resumable = False

    def __repr__(self) -> str:
        return f"FunctionUnit({self.name!r})"

    @property
    def nodes(self) -> list[Any]:
        """The nodes that run in the function itself; see `own_nodes`."""
        return own_nodes(self.node, self._walks)

    @functools.cached_property
    def binders(self) -> list[Any]:
        """Those of its own nodes that bind variables or attributes."""
        return [n for n in self.nodes if type(n) in _BINDERS]

    @functools.cached_property
    def stored_names(self) -> frozenset[str]:
        """The variables that it, or a function inside it, binds or unbinds by their name."""
        return frozenset(n.id for n in walk(self.node) if type(n) is ast.Name and type(n.ctx) is not ast.Load)

    @property
    def short_name(self) -> str:
        """The name that tracebacks show."""
        if isinstance(self.node, ast.Lambda):
            return "<lambda>"
        return "<genexpr>" if isinstance(self.node, ast.GeneratorExp) else self.node.name

    @property
    def qualname(self) -> str:
        """The dotted name within the module."""
        return self.name.split(":", 1)[1].split("#")[0]

    @property
    def outer_names(self) -> frozenset[str]:
        """The variables of the functions around this one."""
        if self.parent is None:
            return frozenset(self.function.__code__.co_freevars) - {"__class__"} if self.function else frozenset()
        return frozenset(self.parent.scope.bound | self.parent.scope.free)

    def resolve_scope(self) -> None:
        """Work out the variables, once it is known which generator expressions are functions of their own."""
        lazy = frozenset(i for unit in self.family() for i in (unit.suspension.lazy if unit.suspension else ()))
        self.scope = analyse(self.node, self.outer_names, lazy, self._walks)
        for child in self.children.values():
            child.resolve_scope()

    def family(self) -> Iterator[FunctionUnit]:
        """Yield this unit and all that are nested in it."""
        yield self
        for child in self.children.values():
            yield from child.family()

    def add_children(self, numbers: dict[str, int]) -> None:
        """Make units of the functions inside."""
        for node in self.nodes:
            if type(node) in FUNCTIONS:
                self.adopt(node, numbers)

    def adopt(self, node: Any, numbers: dict[str, int]) -> FunctionUnit:
        """Make a unit of one function inside, unless there is one."""
        if id(node) in self.children:
            return self.children[id(node)]
        local = "<lambda>" if isinstance(node, ast.Lambda) else "<genexpr>" if isinstance(node, ast.GeneratorExp) else node.name
        name = f"{self.name.split('#')[0]}.<locals>.{local}"
        numbers[name] = numbers.get(name, 0) + 1
        unique = name if numbers[name] == 1 else f"{name}#{numbers[name]}"
        child = FunctionUnit(unique, node, self.filename, self.names, owner=self.owner, parent=self)
        self.children[id(node)] = child
        child.add_children(numbers)
        return child


_BINDERS = frozenset({
    ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr, ast.For, ast.AsyncFor, ast.comprehension, ast.With, ast.AsyncWith,
    ast.withitem, ast.ExceptHandler, ast.Import, ast.ImportFrom, ast.MatchAs, ast.MatchStar, ast.MatchMapping, *FUNCTIONS,
})  # fmt: skip


def nested_units(function: types.FunctionType, node: Any, owner: type | None, numbers: dict[str, int], **flags: Any) -> FunctionUnit:
    """Make the unit of a user's function, with those of the functions inside it."""
    tree = normalise(node, owner.__name__ if owner is not None else None)
    name = f"{function.__module__}:{function.__qualname__}"
    numbers[name] = numbers.get(name, 0) + 1
    unique = name if numbers[name] == 1 else f"{name}#{numbers[name]}"
    unit = FunctionUnit(
        unique, tree, function.__code__.co_filename, function.__globals__, owner=owner, function=function, **flags
    )
    unit.add_children(numbers)
    return unit
