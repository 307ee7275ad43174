"""Names of value classes in bytes, also where two classes have one name."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

__all__ = ["class_names", "has_generated_init", "is_sentinel"]

def class_names(classes: Sequence[type]) -> dict[type, str | None]:
    """Return the name of each class where it is not its own, as `module.Class`.

    `class Point(namedtuple("Point", "x y"))` makes two classes of one name. The name is that of the class which the module has under it;
    the others are numbered: `shop.Point#2`.
    """
    holders: dict[str, list[type]] = {}
    for cls in classes:
        holders.setdefault(f"{cls.__module__}.{cls.__qualname__}", []).append(cls)
    names: dict[type, str | None] = dict.fromkeys(classes)
    for name, found in holders.items():
        if len(found) > 1:
            first = _held(found) or found[0]
            others = [cls for cls in found if cls is not first]
            names.update((cls, f"{name}#{number}") for number, cls in enumerate(others, 2))
    return names


def _held(classes: list[type]) -> type | None:
    """Return which of some classes of one name the module holds under it; None when it is none of them."""
    value: Any = sys.modules.get(classes[0].__module__)
    for part in classes[0].__qualname__.split("."):
        value = getattr(value, part, None)
    return next((cls for cls in classes if cls is value), None)


def is_sentinel(value: object, classes: Container[type]) -> bool:
    """Tell whether an object of a module is known by nothing but itself, as in `MISSING = Missing()`: it must stay that very object."""
    kind = type(value)
    return kind in classes and kind.__new__ is object.__new__ and getattr(value, "__dict__", None) == {} and not _has_slots(kind)


def has_generated_init(cls: type) -> bool:
    """Tell whether the `__init__` of a class is the one that `dataclass` wrote, which calls `__post_init__`."""
    owner = next((b for b in cls.__mro__ if "__init__" in b.__dict__), object)
    options = owner.__dict__.get("__dataclass_params__")
    return options is not None and options.init and hasattr(cls, "__post_init__")


def _has_slots(cls: type) -> bool:
    return any(base.__dict__.get("__slots__") for base in cls.__mro__)
