"""Shapes of classes of the standard library that values often hold, and what to say of those that cannot be stored."""

from __future__ import annotations

import contextlib
import ipaddress
import pathlib
import random
import re
import types
import zoneinfo
from collections import UserDict, UserList, UserString
from typing import TYPE_CHECKING, Any

from stateflow.errors import UnstorableValue
from stateflow.protocol.classes import class_shape
from stateflow.protocol.shapes import Shape, field_names

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LIBRARY_SHAPES", "is_native_iterator", "refusal"]


def _random_parts(value: random.Random) -> list[Any]:
    version, state, gauss = value.getstate()
    return [version, gauss, *state]


def _fill_random(value: random.Random, children: Any) -> None:
    version, gauss, *state = children
    value.setstate((version, tuple(state), gauss))


def _make_pattern(children: Any) -> re.Pattern[Any]:
    pattern, flags = children
    return re.compile(pattern, flags & ~re.DEBUG)


def _zone_key(value: zoneinfo.ZoneInfo) -> tuple[str]:
    if value.key is None:
        raise UnstorableValue("", "a time zone without a key; make it by ZoneInfo('Europe/Amsterdam')")
    return (value.key,)


def _make_zone(children: Any) -> zoneinfo.ZoneInfo:
    (key,) = children
    return zoneinfo.ZoneInfo(key)


def _text_shape(cls: type) -> Shape:
    """Make the shape of a class whose objects are told by their text."""
    make: Callable[[str], Any] = cls

    def from_text(children: Any) -> Any:
        (text,) = children
        if type(text) is not str:
            raise TypeError("not text")
        return make(text)

    return Shape(f"{cls.__module__}.{cls.__qualname__}", lambda value: (str(value),), from_text)


def _make_alias(children: Any) -> Any:
    origin, args = children
    if not isinstance(origin, type):
        raise TypeError("an alias of something that is not a class")
    return types.GenericAlias(origin, args)


_TEXT: tuple[type, ...] = (
    pathlib.PurePosixPath,
    pathlib.PureWindowsPath,
    type(pathlib.Path()),
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
    ipaddress.IPv4Interface,
    ipaddress.IPv6Interface,
)
_PLAIN: tuple[type, ...] = (UserDict, UserList, UserString, contextlib.suppress, contextlib.nullcontext)

LIBRARY_SHAPES: dict[type, Shape] = {
    random.Random: Shape("random", _random_parts, new=lambda: random.Random(0), fill=_fill_random),
    re.Pattern: Shape("pattern", lambda v: (v.pattern, v.flags), _make_pattern, names=field_names("pattern", "flags")),
    zoneinfo.ZoneInfo: Shape("zone", _zone_key, _make_zone, names=field_names("key")),
    types.GenericAlias: Shape("alias", lambda v: (v.__origin__, v.__args__), _make_alias, names=field_names("__origin__", "__args__")),
    **{cls: _text_shape(cls) for cls in _TEXT},
    **{cls: class_shape(cls, f"{cls.__module__}.{cls.__qualname__}") for cls in _PLAIN},
}

_REASONS: dict[str, str] = {
    "generator": "a generator is running code; make a list of it before the call",
    "coroutine": "a coroutine is running code; await it before the call",
    "async_generator": "an asynchronous generator is running code; make a list of it before the call",
    "frame": "a frame is running code",
    "traceback": "a traceback holds running code; keep the text of traceback.format_exc()",
    "lock": "a lock belongs to one process; methods need none, for each runs as a transaction",
    "RLock": "a lock belongs to one process; methods need none, for each runs as a transaction",
    "Match": "a match of a regular expression; keep its groups",
    "memoryview": "a memoryview points into memory; keep bytes of it",
    "module": "a module; import it where it is used",
    "object": "a bare object() is itself only in one process; make it a constant of the module, or use an Enum",
    "socket": "an open connection belongs to one process; open it where it is used",
    "Connection": "an open connection belongs to one process; open it where it is used",
    "Thread": "a thread belongs to one process",
    "code": "code that is not part of the flow",
}


def is_native_iterator(kind: type) -> bool:
    """Tell whether objects of a class are iterators of Python's own or of a compiled library, that nothing can look into."""
    is_python = any("__dict__" in base.__dict__ or "__slots__" in base.__dict__ for base in kind.__mro__[:-1])
    return hasattr(kind, "__next__") and not is_python and kind.__name__ not in _REASONS and kind.__module__ != "_io"


def refusal(value: Any) -> str:
    """Return why a value of an unknown type cannot be stored, and what to do."""
    kind = type(value)
    name, module = kind.__qualname__, kind.__module__
    if is_native_iterator(kind):
        return f"an iterator ({module}.{name}) does not say how far it has come; make a list of it before the call"
    if issubclass(kind, type):
        known_as = value.__qualname__
        return f"class {known_as} ({value.__module__}) is not part of the flow; call stateflow.register_value({known_as})"
    if module in ("_io", "tempfile", "socket", "ssl"):
        return f"an open file or connection ({name}) belongs to one process; open it where it is used"
    if module in ("weakref", "_weakref") or "weak" in name.lower():
        return f"a weak reference ({name}) does not keep its object; keep the object or its key"
    reason = _REASONS.get(name)
    if module == "stateflow.core.lazy" and name.lower() in _REASONS:
        return _REASONS[name.lower()]
    if reason is not None and module in ("builtins", "_thread", "re", "threading", "_socket", "sqlite3"):
        return reason
    advice = f"decorate it with dataclass in a module of an entity class, or call stateflow.register_value({name})"
    return f"class {name} ({module}) is unknown; {advice}"
