"""Plain, comparable forms of values and exceptions.

Two values have one canonical form exactly when a program could not tell them apart: `1`, `1.0` and `True` differ, the order
of a dict counts, that of a set does not, and an entity is its class and key. Sharing is not part of the form.
"""

from __future__ import annotations

import copy
import enum
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Identify = Callable[[object], tuple[str, object] | None]

__all__ = ["Canonical", "canonical_exception", "canonical_state", "canonical_value"]

Canonical = tuple[Any, ...]

_BY_REPR = (bool, int, float, complex, str, bytes, bytearray, type(None), type(Ellipsis), type(NotImplemented), range)
# Python refuses to write larger ones in decimal.
_MOST_BITS = 10_000
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, type)


class _Form:
    """One run over one graph; `path` holds the ids of the objects that enclose the present one."""

    def __init__(self, identify: Identify) -> None:
        self._identify = identify
        self._path: list[int] = []

    def value(self, value: Any) -> Canonical:
        identity = self._identify(value)
        if identity is not None:
            return ("ref", identity[0], self.value(identity[1]))
        kind = type(value)
        if kind is int and value.bit_length() > _MOST_BITS:
            return ("int", hex(value))
        if kind in _BY_REPR:
            return (kind.__name__, repr(value))
        if id(value) in self._path:
            return ("cycle", len(self._path) - self._path.index(id(value)))
        self._path.append(id(value))
        try:
            return self._compound(kind, value)
        finally:
            self._path.pop()

    def _compound(self, kind: type, value: Any) -> Canonical:
        if isinstance(value, BaseException):
            return self.exception(value)
        if isinstance(value, enum.Enum):
            return ("enum", kind.__qualname__, value.name)
        if isinstance(value, _FUNCTIONS):
            return ("function", value.__qualname__)
        if isinstance(value, types.MethodType):
            return ("method", value.__name__, self.value(value.__self__))
        if isinstance(value, dict):
            return (kind.__qualname__, [(self.value(k), self.value(v)) for k, v in value.items()])
        if isinstance(value, (set, frozenset)):
            return (kind.__qualname__, sorted((self.value(v) for v in value), key=repr))
        if isinstance(value, (list, tuple)):
            return (kind.__qualname__, [self.value(v) for v in value])
        if hasattr(value, "__next__"):
            return (kind.__qualname__, [self.value(v) for v in copy.copy(value)])
        return self._object(kind, value)

    def _object(self, kind: type, value: Any) -> Canonical:
        slots = [name for base in kind.__mro__ for name, item in vars(base).items() if type(item) is types.MemberDescriptorType]
        names = sorted({*getattr(value, "__dict__", ()), *(name for name in slots if hasattr(value, name))})
        if not names:
            return (kind.__qualname__, repr(value))
        return (kind.__qualname__, [(name, self.value(getattr(value, name))) for name in names])

    def exception(self, error: BaseException) -> Canonical:
        attributes = {k: v for k, v in sorted(vars(error).items()) if k != "__notes__"}
        return (
            "exception",
            type(error).__qualname__,
            [self.value(a) for a in error.args],
            [(name, self.value(v)) for name, v in attributes.items()],
            ("cause", None if error.__cause__ is None else self.value(error.__cause__)),
            ("notes", list(getattr(error, "__notes__", ()))),
        )


def canonical_value(value: object, identify: Identify) -> Canonical:
    """Return the canonical form of `value`; `identify` answers (class name, key) for an entity and None for all else."""
    return _Form(identify).value(value)


def canonical_exception(error: BaseException, identify: Identify) -> Canonical:
    """Return type, args, attributes, cause and notes of `error`."""
    return _Form(identify).exception(error)


def canonical_state(state: dict[str, object], identify: Identify) -> Canonical:
    """Return the attributes of one entity, by name; the order in which they were first set does not count."""
    return ("state", [(name, canonical_value(state[name], identify)) for name in sorted(state)])
