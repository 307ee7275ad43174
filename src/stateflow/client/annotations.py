"""Annotations of methods, as front ends read them that make arguments of text or JSON."""

from __future__ import annotations

import types
import typing
from typing import TYPE_CHECKING, Annotated, Any, Union

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

__all__ = ["hints_of", "replace_classes"]


def hints_of(function: Any, *, include_extras: bool = False) -> dict[str, Any]:
    """Return the annotations of a function, evaluated.

    Args:
        function: the function.
        include_extras: leave `Annotated` as it is.
    """
    try:
        return typing.get_type_hints(function, include_extras=include_extras)
    except Exception:
        # An annotation that cannot be evaluated here, such as one imported for type checkers only, says nothing.
        return {}


def replace_classes(annotation: Any, classes: Collection[type], replacement: Callable[[type], Any]) -> Any:
    """Return an annotation with something else in the place of each of some classes, inside other types too."""
    if annotation in classes:
        return replacement(annotation)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if not arguments or origin is typing.Literal:
        return annotation
    if origin is Annotated:
        return Annotated[(replace_classes(arguments[0], classes, replacement), *arguments[1:])]
    replaced = tuple(replace_classes(argument, classes, replacement) for argument in arguments)
    if origin in (Union, types.UnionType):
        return Union.__getitem__(replaced)
    return origin[replaced] if origin is not None and hasattr(origin, "__class_getitem__") else annotation
