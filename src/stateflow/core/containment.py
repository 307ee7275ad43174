"""Which of Python's own containers and methods need their compiled form, since they hold references to entities with special methods."""

from __future__ import annotations

import functools
import operator
import types
from collections import deque
from typing import TYPE_CHECKING, Any

from stateflow.core.lazy import Coroutine, Generator, RemoteMethod
from stateflow.protocol.values import ATOMS
from stateflow.references import Reference

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["DISPLAYS", "GETTERS", "form_of_method", "holds_special", "is_opaque", "may_suspend"]

GETTERS: dict[type, str] = {
    operator.attrgetter: "get_attributes", operator.itemgetter: "get_items", operator.methodcaller: "call_named"
}  # fmt: skip
"""The classes of functions made by `operator`, with the names in the prelude of what they do."""
_CARRIERS = frozenset({
    Generator, RemoteMethod, types.FunctionType, types.MethodType, functools.partial, type, Coroutine, *GETTERS
})  # fmt: skip
DISPLAYS = frozenset({list, tuple, dict, set, frozenset, deque})
_SEARCHES = {"index": "index_of", "count": "count_of", "remove": "remove_first"}
_CONSUMING = frozenset(
    """extend extendleft update union intersection difference symmetric_difference intersection_update difference_update
    symmetric_difference_update issubset issuperset isdisjoint fromkeys""".split()
)
# These take one element after the other: the generator sees what is in already, and what is in stays when it raises.
_FEEDING: dict[tuple[type, str], str] = {
    (list, "extend"): "extend_in_place", (deque, "extend"): "extend_in_place", (deque, "extendleft"): "extend_left",
    (set, "update"): "update_set", (set, "difference_update"): "discard_each", (set, "isdisjoint"): "is_disjoint",
    (frozenset, "isdisjoint"): "is_disjoint", (str, "join"): "join_parts",
}  # fmt: skip
_SELF_CONSUMING = (list, set, frozenset, deque, type)


def holds_special(value: Any, special: Collection[type] | None) -> bool:
    """Tell whether a list, tuple, set or dict holds, at any depth, what answers operators by compiled code.

    Args:
        value: the container.
        special: the classes of values whose special methods are compiled; None: that is not known, so each class of a user may be one.
    """
    pending = [value]
    seen: set[int] = set()
    while pending:
        current = pending.pop()
        if isinstance(current, Reference) or (is_opaque(current) if special is None else type(current) in special):
            return True
        if type(current) in DISPLAYS and id(current) not in seen:
            seen.add(id(current))
            pending += [v for v in current if type(v) not in ATOMS]
            if type(current) is dict:
                pending += [v for v in current.values() if type(v) not in ATOMS]
    return False


def is_opaque(value: Any) -> bool:
    """Tell whether a value may hold references where `holds_special` does not look."""
    # A native generator is running code: it cannot be saved, and computes its values natively.
    return type(value) not in ATOMS and type(value) not in DISPLAYS and type(value) not in (str, bytes, types.GeneratorType)


def may_suspend(value: Any, special: Collection[type], *, has_dunders: bool) -> bool:
    """Tell whether Python's own functions need their compiled form for an argument.

    Args:
        value: the argument.
        special: the classes of values whose special methods are compiled.
        has_dunders: whether entities have special methods.
    """
    kind = type(value)
    if kind in _CARRIERS or isinstance(value, Reference) or kind in special:
        return True
    return has_dunders and kind not in ATOMS and (is_opaque(value) or holds_special(value, special))


def form_of_method(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], special: Collection[type]) -> str | None:
    """Return the name in the prelude of the compiled form of a bound method of a builtin type; None where the native one will do."""
    owner, name = function.__self__, function.__name__
    kind = type(owner)
    if kind is list and name == "sort":
        return "sort_in_place" if kwargs.get("key") is not None or holds_special(owner, special) else None
    if kind in (list, tuple) and name in _SEARCHES:
        return _SEARCHES[name] if holds_special([owner, args], special) else None
    if kind is str and name in ("format", "format_map"):
        return name if holds_special([args, kwargs], special) or any(map(is_opaque, (*args, *kwargs.values()))) else None
    has_generator = any(type(a) is Generator for a in args)
    if issubclass(kind, dict) and name == "update":
        return "update" if has_generator or any(isinstance(a, Reference) for a in args) else None
    if has_generator or (name in _CONSUMING and issubclass(kind, _SELF_CONSUMING) and any(isinstance(a, Reference) for a in args)):
        return _FEEDING.get((kind, name), "with_lists")
    return None
