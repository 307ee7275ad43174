"""States that stay as they are when they are read.

The proof that a method is read-only leaves two things to be looked at in the states themselves: objects that change when they are read (an
iterator, a `defaultdict`), and fields whose values are not what the compiler took them for (a client may assign any attribute). An entity
that holds such a thing is treated as if every method changed it.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from enum import Enum
from typing import TYPE_CHECKING, Any

from stateflow.compiler.analysis.library_effects import IMMUTABLE
from stateflow.compiler.types import UNKNOWN, Kind, Type
from stateflow.protocol.values import ATOMS
from stateflow.references import Reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stateflow.compiler.program import Program

__all__ = ["is_stable"]

_SEQUENCES = frozenset({list, tuple, set, frozenset, deque})
_MAPPINGS = frozenset({dict, OrderedDict, Counter})
_BUILTIN_BASES = (BaseException, list, dict, set, frozenset, deque)
_LEAVES = frozenset({bytearray})

_Typed = tuple[Any, Type]


def is_stable(program: Program, state: dict[str, Any]) -> bool:
    """Tell whether nothing in a state changes when it is read, and its fields are what the compiler takes them for.

    Args:
        program: the compiled program.
        state: the attributes of an entity, by name.
    """
    pending = [(value, program.field_type(name)) for name, value in state.items() if type(value) not in ATOMS]
    seen: set[tuple[int, Type]] = set()
    while pending:
        value, kind = pending.pop()
        if (id(value), kind) in seen:
            continue
        seen.add((id(value), kind))
        inside = _parts(program, value, kind)
        if inside is None:
            return False
        pending += [part for part in inside if type(part[0]) not in ATOMS]
    return True


def _parts(program: Program, value: Any, kind: Type) -> Iterable[_Typed] | None:
    """Return what an object holds, with what the compiler knows of it; None when the object may change or is not what it should be."""
    cls = type(value)
    is_known = kind.kind is Kind.LOCAL and kind.cls is not None
    if is_known and (kind.cls in IMMUTABLE or not issubclass(cls, kind.cls or object)):
        return None
    if cls in _SEQUENCES or cls in _MAPPINGS:
        return _elements(value, kind)
    if cls in _LEAVES or issubclass(cls, Reference | Enum):
        return ()
    if cls in program.value_classes and not issubclass(cls, _BUILTIN_BASES) and not hasattr(cls, "__next__"):
        held = tuple.__iter__(value) if issubclass(cls, tuple) else ()
        return [*((part, UNKNOWN) for part in held), *((part, program.field_type(name)) for name, part in _attributes(value))]
    return None


def _elements(value: Any, kind: Type) -> Iterator[_Typed]:
    known = kind.elements if kind.kind is Kind.LOCAL else ()
    if type(value) in _MAPPINGS:
        key, held = known if len(known) == 2 else (UNKNOWN, UNKNOWN)
        yield from ((k, key) for k in value)
        yield from ((v, held) for v in value.values())
    elif len(known) == len(value) + 1 and type(value) is tuple:
        yield from zip(value, known[1:], strict=True)
    else:
        yield from ((v, known[0] if known else UNKNOWN) for v in value)


def _attributes(value: Any) -> Iterator[tuple[str, Any]]:
    yield from getattr(value, "__dict__", {}).items()
    for base in type(value).__mro__:
        slots = base.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                yield name, getattr(value, name)
