"""Functions of libraries that methods name, such as `textwrap.shorten`: stored by name, of a closed list."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from stateflow.errors import MalformedBytes

if TYPE_CHECKING:
    from types import FunctionType

__all__ = ["LibraryFunctions"]


class LibraryFunctions:
    """The functions that may be named, each as `module:qualified name`.

    Args:
        names: what the methods of the flow name; nothing else is ever imported or found.
    """

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names

    def name_of(self, function: FunctionType) -> str | None:
        """Return the name of a function; None when no method names it, or its name leads elsewhere."""
        name = f"{function.__module__}:{function.__qualname__}"
        return name if name in self.names and self._lookup(name) is function else None

    def find(self, name: object) -> Any:
        """Return the function with a name.

        Raises:
            MalformedBytes: no method of the flow names it.
        """
        if type(name) is not str or name not in self.names:
            raise MalformedBytes(f"SF511: no method of this flow names a function {name!r}")
        return self._lookup(name)

    @staticmethod
    def _lookup(name: str) -> Any:
        module, _, path = name.partition(":")
        found: Any = importlib.import_module(module)
        for part in path.split("."):
            found = getattr(found, part, None)
        return found
