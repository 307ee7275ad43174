"""What the classes of the core say of themselves to mypyc, for those who compile the core: see `docs/how-to/compile-the-core.md`.

`allow_interpreted_subclasses`: classes that are not compiled may extend it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_extensions import mypyc_attr
else:

    def mypyc_attr(**attributes: object) -> object:
        """Leave a class as it is: only the compiler reads what is said of it, and the core needs msgspec alone."""
        return lambda cls: cls


__all__ = ["mypyc_attr"]
