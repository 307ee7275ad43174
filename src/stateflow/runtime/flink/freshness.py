"""The user's modules in a worker that outlives jobs: imported anew when their files have changed.

A TaskManager keeps its Python from one job to the next. A job that is upgraded would go on with the modules of the job before it.
"""

from __future__ import annotations

import hashlib
import importlib
import linecache
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stateflow.compiler.user_code import is_user_code

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["importing"]

_lock: Final = threading.RLock()
_known: Final[dict[str, str]] = {}
"""Digests of the files of the user's modules, by the modules' names, as they were when they were imported."""


@contextmanager
def importing(names: Collection[str]) -> Iterator[None]:
    """Let a job import its classes' modules, in one thread at a time; those whose files have changed, and all the user's others with
    them, are forgotten first.

    Args:
        names: the modules of the classes.
    """
    tops = {name.partition(".")[0] for name in names} - {"stateflow"}
    with _lock:
        loaded = _files(tops)
        if any(_known.get(name, digest) != digest for name, digest in loaded.items()):
            for name in loaded:
                del sys.modules[name]
            _known.clear()
        # A module whose import failed has left its text in this cache too.
        linecache.checkcache()
        importlib.invalidate_caches()
        try:
            yield
        finally:
            _known.update(_files(tops))


def _files(tops: Collection[str]) -> dict[str, str]:
    """Return digests of the files of the user's modules: of his own files, and of the packages that the classes are in."""
    found = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not file or name == "__main__" or not file.endswith(".py"):
            continue
        if name.partition(".")[0] in tops or is_user_code(file):
            path = Path(file)
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
    return found
