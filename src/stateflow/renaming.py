"""Renaming: what a class or method was called when older states, requests and frames were written."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any, TypeVar

from stateflow.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["claimed_methods", "former_function_names", "former_methods", "former_names", "former_paths", "former_qualnames", "renamed"]

T = TypeVar("T")

_MARK = "__stateflow_renamed__"


def renamed(*former: str) -> Callable[[T], T]:
    """Say what a class or a method was called before, so that states, requests and references written then are still understood.

    It stands above or below `@stateflow.entity`, above a method, and below `@property`, `@staticmethod` and `@classmethod`. What is
    decorated is returned itself. A field that was renamed is taken over by `__upgrade__`.

    Examples:
        >>> import stateflow
        >>> @stateflow.renamed("Customer")
        ... @stateflow.entity
        ... class User:
        ...     def __init__(self, name: str):
        ...         self.name = name
        ...     def __key__(self) -> str:
        ...         return self.name
        ...     @stateflow.renamed("say")
        ...     def greet(self) -> str:
        ...         return f"hello {self.name}"

    Args:
        former: the former names, in any order. A class that was nested in another one, or lived in another module, is named as
            there: `"Shop.Customer"`, `"old_module:Customer"`.

    Raises:
        ConfigurationError: a name is missing or is no name, or what is decorated is neither a class nor a function.
    """
    if not former or not all(map(_is_name, former)):
        raise ConfigurationError(f'SF540: @stateflow.renamed takes the former names as text, such as renamed("Customer"), not {former!r}')

    def decorate(target: T) -> T:
        if not isinstance(target, type | types.FunctionType):
            raise ConfigurationError(
                f"SF540: @stateflow.renamed decorates classes and functions, not {type(target).__name__}; put it below the other decorators"
            )
        setattr(target, _MARK, (*target.__dict__.get(_MARK, ()), *former))
        return target

    return decorate


def former_names(target: object) -> tuple[str, ...]:
    """Return the former names of a class or function itself, not those of a base."""
    names: tuple[str, ...] = getattr(target, "__dict__", {}).get(_MARK, ())
    return names


def former_qualnames(cls: type) -> tuple[str, ...]:
    """Return the names within their module that a class had before, as states and requests name it."""
    return tuple(name.rpartition(":")[2] for name in former_names(cls))


def former_paths(cls: type) -> tuple[str, ...]:
    """Return what a class was called before, each with its module, as `module.Class`."""
    split = [name.rpartition(":") for name in former_names(cls)]
    return tuple(f"{module or cls.__module__}.{qualname}" for module, _, qualname in split)


def former_function_names(function: types.FunctionType, owner: type | None) -> tuple[str, ...]:
    """Return what a function was called before, as `module:Class.method`, by the renaming of itself and of its class."""
    module, qualname = function.__module__, function.__qualname__
    head, dot, own = qualname.rpartition(".")
    heads = [(module, head)]
    if owner is not None and owner.__qualname__ == head:
        heads += [(former.rpartition(":")[0] or module, former.rpartition(":")[2]) for former in former_names(owner)]
    names = [f"{place}:{cls}{dot}{name}" for place, cls in heads for name in (own, *former_names(function))]
    return tuple(names[1:])


def former_methods(cls: type) -> dict[str, str]:
    """Return the present name of each former method name of a class and its bases."""
    return dict(reversed(claimed_methods(cls)))


def claimed_methods(cls: type) -> list[tuple[str, str]]:
    """Return each former method name of a class and its bases with the present one, the class's own first; one name may be there twice."""
    members = [(name, member) for base in cls.__mro__ for name, member in base.__dict__.items()]
    return [(former, name) for name, member in members for former in former_names(_function(member))]


def _function(member: object) -> Any:
    if isinstance(member, property):
        return member.fget
    return member.__func__ if isinstance(member, staticmethod | classmethod) else member


def _is_name(text: object) -> bool:
    if not isinstance(text, str):
        return False
    module, colon, qualname = text.rpartition(":")
    parts = [*(module.split(".") if colon else ()), *qualname.split(".")]
    return all(part.isidentifier() or part == "<locals>" for part in parts)
