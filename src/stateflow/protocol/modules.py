"""Modules that a method imports and keeps in a variable: stored by name, of a closed list."""

from __future__ import annotations

import ast
import importlib
import sys
import types
from importlib.util import resolve_name
from typing import TYPE_CHECKING, Any

from stateflow.errors import MalformedBytes, UnstorableValue
from stateflow.protocol.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["imported_names", "module_shape"]


def imported_names(nodes: Iterable[ast.AST], package: str | None) -> Iterator[str]:
    """Yield the full names of all that import statements may bind to modules.

    Args:
        nodes: the nodes of a function.
        package: the package of its module, for relative imports.
    """
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
                yield alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and (not node.level or package):
            base = resolve_name("." * node.level + (node.module or ""), package) if node.level else node.module
            yield from (f"{base}.{alias.name}" for alias in node.names)


def module_shape(names: frozenset[str]) -> Shape:
    """Return the shape of modules; only those with a name in `names` can be written or read."""

    def name_of(module: types.ModuleType) -> tuple[str]:
        found = next((n for n in sorted(names) if sys.modules.get(n) is module), None)
        if found is None:
            raise UnstorableValue("", "a module; import it where it is used")
        return (found,)

    def find(children: Any) -> types.ModuleType:
        (name,) = children
        if name not in names:
            raise MalformedBytes(f"SF511: no method of this flow imports a module named {name!r}")
        return importlib.import_module(name)

    return Shape("module", name_of, find)
