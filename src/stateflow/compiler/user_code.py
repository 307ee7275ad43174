"""Which source files belong to the user."""

from __future__ import annotations

import functools
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["UserCode", "is_user_code"]

_LIBRARY = tuple(
    str(Path(p).resolve())
    for p in {sysconfig.get_path(n) for n in ("stdlib", "platstdlib", "purelib", "platlib")} | {str(Path(__file__).parents[1])}
    if p
)
# Also of another environment: an interpreter inside another program, such as Flink's worker, has paths of its own.
_INSTALLED = ("/site-packages/", "/dist-packages/")
# Code without a file: Python's own start, and the methods that attrs makes, whose text it shows to debuggers.
_GENERATED = ("<frozen", "<attrs generated")


@functools.cache
def is_user_code(filename: str) -> bool:
    """Tell whether a source file belongs to the user: not to Python, an installed package or StateFlow."""
    if filename.startswith(_GENERATED):
        return False
    path = str(Path(filename).resolve()) if not filename.startswith("<") else filename
    if any(folder in path for folder in _INSTALLED):
        return False
    return not any(path.startswith(folder + "/") for folder in _LIBRARY)


class UserCode:
    """The user's source files as far as some entity classes tell: also those of an installed package, when the classes are in it.

    Args:
        entities: the entity classes.
    """

    def __init__(self, entities: Iterable[type]) -> None:
        self._homes = {_home(cls) for cls in entities}
        self._known: dict[str, bool] = {}

    def __contains__(self, filename: str) -> bool:
        known = self._known.get(filename)
        if known is None:
            known = self._known[filename] = is_user_code(filename) or self._is_at_home(filename)
        return known

    def _is_at_home(self, filename: str) -> bool:
        path = str(Path(filename).resolve())
        return any(path == home or path.startswith(home + "/") for home in self._homes)


def _home(cls: type) -> str:
    """Return where the code of a class and its likes is: its top package, or its file when it is in none.

    Of StateFlow's own packages only the folder of the class counts.
    """
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    if not file or file.startswith("<"):
        # It was run from a text, which is the user's in any case.
        return "<none>"
    top, _, rest = cls.__module__.partition(".")
    if top == "stateflow":
        return str(Path(file).resolve().parent)
    folder = getattr(sys.modules.get(top), "__file__", None) if rest else None
    return str(Path(folder).resolve().parent if folder else Path(file).resolve())
