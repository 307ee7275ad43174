"""What the names in a function stand for."""

from __future__ import annotations

import ast
import builtins
import os
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MISSING", "Names"]

MISSING: Any = object()
_FACADES = {"posix": "os", "nt": "os", "io": "builtins"}


class Names:
    """The names of one function: its variables, those of its module, and Python's own.

    `variables` are its own and those of the functions inside it.
    """

    def __init__(self, function: types.FunctionType, nodes: dict[type, list[Any]]) -> None:
        self.function = function
        self.globals = function.__globals__
        self.nodes = nodes
        self.variables = _variables(function.__code__)
        self.cells = _cells(function)
        self.imported = dict(_imports(nodes))

    def get(self, name: str, default: Any = None) -> Any:
        """Return the object that a name certainly stands for; `default` for variables and unknown names."""
        if name in self.cells:
            return self.cells[name]
        if name in self.variables:
            return default
        return self.globals.get(name, getattr(builtins, name, default))

    def value(self, node: ast.expr) -> Any:
        """Return the object that a dotted name stands for, through modules and classes; MISSING when it is not certain."""
        if isinstance(node, ast.Name):
            return self.get(node.id, MISSING)
        if isinstance(node, ast.Attribute):
            owner = self.value(node.value)
            if isinstance(owner, types.ModuleType | type):
                return getattr(owner, node.attr, MISSING)
        return MISSING

    def canonical(self, node: ast.expr) -> str | None:
        """Return the name of a library's function or class, its package first, as in `asyncio.sleep`; None when it is not certain.

        Submodules are left out: `urllib.request.urlopen` is `urllib.urlopen`.
        """
        if isinstance(node, ast.Name):
            return self._canonical_name(node.id)
        if isinstance(node, ast.Attribute):
            package = self._package(node.value)
            if package is not None:
                return f"{package}.{node.attr}"
            owner = self.value(node.value)
            return _name_of(owner) if isinstance(owner, type) and owner.__module__ != "builtins" else None
        return None

    def reached(self) -> Iterator[Any]:
        """Yield the objects that the function names."""
        yield from self.cells.values()
        for node in self.nodes.get(ast.Name, ()):
            yield self.get(node.id)
        for node in self.nodes.get(ast.Attribute, ()):
            if isinstance(node.value, ast.Name | ast.Attribute):
                yield self.value(node)

    def _canonical_name(self, name: str) -> str | None:
        if name in self.imported:
            return self.imported[name]
        value = self.get(name, MISSING)
        if value is MISSING:
            return None
        if name not in self.globals and name not in self.cells:
            return f"builtins.{name}"
        return "os.environ" if value is os.environ else _name_of(value)

    def _package(self, node: ast.expr) -> str | None:
        """Return the top package of an expression that names a module."""
        if isinstance(node, ast.Name) and node.id in self.imported:
            return self.imported[node.id].split(".")[0]
        if isinstance(node, ast.Attribute) and (package := self._package(node.value)) is not None:
            return package if package in ("os", "sys", "urllib", "http", "concurrent") or self._is_module(node) else None
        value = self.value(node)
        return _top(value.__name__) if isinstance(value, types.ModuleType) else None

    def _is_module(self, node: ast.expr) -> bool:
        return isinstance(self.value(node), types.ModuleType)


def _name_of(value: Any) -> str | None:
    name, module = getattr(value, "__name__", None), getattr(value, "__module__", None)
    return f"{_top(module)}.{name}" if isinstance(module, str) and isinstance(name, str) else None


def _top(module: str) -> str:
    top = module.split(".")[0].lstrip("_")
    return _FACADES.get(top, top)


def _variables(code: types.CodeType) -> frozenset[str]:
    found = {*code.co_varnames, *code.co_cellvars, *code.co_freevars}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found |= _variables(constant)
    return frozenset(found)


def _cells(function: types.FunctionType) -> dict[str, Any]:
    found = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
        try:
            value = cell.cell_contents
        except ValueError:
            continue
        if isinstance(value, type | types.FunctionType | types.ModuleType) and name != "__class__":
            found[name] = value
    return found


def _imports(nodes: dict[type, list[Any]]) -> Iterator[tuple[str, str]]:
    for node in nodes.get(ast.Import, ()):
        for alias in node.names:
            yield alias.asname or alias.name.split(".")[0], _top(alias.name)
    for node in nodes.get(ast.ImportFrom, ()):
        for alias in node.names:
            yield alias.asname or alias.name, f"{_top(node.module or '')}.{alias.name}"
