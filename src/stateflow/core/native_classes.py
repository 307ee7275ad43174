"""What the classes of the core say of themselves to mypyc, for those who compile the core: see `docs/how-to/compile-the-core.md`.

`allow_interpreted_subclasses`: classes that are not compiled may extend it.

`acyclic`: the garbage collector need not look at its objects. The class has annotated attributes, and an `__init__` that takes the first
ones and does nothing else. Where the core is not compiled it becomes a struct of msgspec, which the collector can be told to pass over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import NODEFAULT, defstruct

if TYPE_CHECKING:
    from mypy_extensions import mypyc_attr
else:

    def mypyc_attr(*, acyclic: bool = False, **attributes: object) -> object:
        """Leave a class as it is, unless it is acyclic: only the compiler reads what is said of it, and the core needs msgspec alone."""
        return _untracked if acyclic else lambda cls: cls


__all__ = ["mypyc_attr"]


def _untracked(cls: type) -> type:
    fields = [(name, Any, cls.__dict__.get(name, NODEFAULT)) for name in cls.__annotations__]
    methods = {name: cls.__dict__[name] for name in ("__doc__", "__repr__")}
    return defstruct(cls.__name__, fields, module=cls.__module__, namespace=methods, gc=False, eq=False)
