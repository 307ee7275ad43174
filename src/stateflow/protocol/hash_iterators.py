"""Shapes of views of dicts, and of iterators half way over dicts and sets, which keep their container and notice when it changes."""

from __future__ import annotations

import gc
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from stateflow.errors import UnstorableValue
from stateflow.protocol.containers import fill_set
from stateflow.protocol.shapes import Shape, field_names

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["HASH_ITERATOR_SHAPES"]

_CHANGED = -1


def _container(iterator: Any, kinds: tuple[type, ...]) -> Any:
    """Return the container that an iterator is over, or None when the iterator is used up."""
    # Only the collector knows it.
    return next((one for one in gc.get_referents(iterator) if issubclass(type(one), kinds)), None)


def _remaining(iterator: Any) -> list[Any] | None:
    """Return what the iterator would still yield, or None when it would say that its container changed size."""
    try:
        return iterator.__reduce__()[1][0]  # type: ignore[no-any-return]
    except RuntimeError:
        if iterator.__length_hint__():
            raise UnstorableValue("", "an iterator over a dict whose keys changed; iterate over list(...) of it") from None
        return None


def _dict_parts(iterator: Any) -> tuple[Any, ...]:
    mapping = _container(iterator, (dict,))
    if mapping is None:
        return (None, 0)
    remaining = _remaining(iterator)
    return (mapping, _CHANGED if remaining is None else len(remaining))


def _dict_iterator_shape(tag: str, start: Callable[[Any], Any]) -> Shape:
    def make(children: Any) -> Any:
        mapping, remaining = children
        if mapping is None:
            return _used_up(start({}))
        if remaining == _CHANGED:
            return _changed_dict_iterator(mapping, start)
        return _advance(start(mapping), len(mapping) - remaining)

    return Shape(tag, _dict_parts, make, late=True, names=field_names("mapping"))


def _changed_dict_iterator(mapping: dict[Any, Any], start: Callable[[Any], Any]) -> Any:
    extra = object()
    dict.__setitem__(mapping, extra, None)
    iterator = start(mapping)
    dict.__delitem__(mapping, extra)
    return iterator


def _used_up(iterator: Any) -> Any:
    next(iterator, None)
    return iterator


def _advance(iterator: Any, count: int) -> Any:
    if type(count) is not int or count < 0:
        raise ValueError("an iterator with more to come than its container has")
    for _ in range(count):
        next(iterator)
    return iterator


def _set_parts(iterator: Any) -> list[Any]:
    container = _container(iterator, (set, frozenset))
    if container is None:
        return [None, 0]
    remaining = _remaining(iterator)
    # The elements themselves, not only their number: another process may order the set another way.
    return [container, _CHANGED] if remaining is None else [container, 0, *remaining]


def _start_set(container: Any) -> Any:
    return set.__iter__(container) if isinstance(container, set) else frozenset.__iter__(container)


def _make_set_iterator(children: Any) -> Any:
    container, change, *remaining = children
    if container is None:
        return _used_up(iter(set()))
    if change == _CHANGED:
        extra = object()
        set.add(container, extra)
        iterator = _start_set(container)
        set.discard(container, extra)
        return iterator
    iterator = _advance(_start_set(container), len(container) - len(remaining))
    left = iterator.__reduce__()[1][0]
    if all(map(lambda a, b: a is b, left, remaining)):
        return iterator
    rest: set[Any] = set()
    fill_set(rest, remaining)
    return iter(rest)


_ORDERED: dict[str, Callable[[Any], Any]] = {
    "keys": OrderedDict.__iter__,
    "values": lambda v: iter(OrderedDict.values(v)),
    "items": lambda v: iter(OrderedDict.items(v)),
    "reverse keys": OrderedDict.__reversed__,
    "reverse values": lambda v: reversed(OrderedDict.values(v)),
    "reverse items": lambda v: reversed(OrderedDict.items(v)),
}


def _ordered_parts(iterator: Any) -> tuple[Any, ...]:
    mapping = _container(iterator, (OrderedDict,))
    if mapping is None:
        return (None, "keys", 0)
    try:
        remaining = iterator.__reduce__()[1][0]
    except RuntimeError:
        raise UnstorableValue("", "an iterator over an OrderedDict that changed; iterate over list(...) of it") from None
    # The iterator does not say of what kind it is; what it would yield does.
    for kind, start in _ORDERED.items():
        if _is_same(list(start(mapping))[len(mapping) - len(remaining) :], remaining):
            return (mapping, kind, len(remaining))
    raise UnstorableValue("", "an iterator over an OrderedDict that changed; iterate over list(...) of it")


def _is_same(left: list[Any], right: list[Any]) -> bool:
    def same(a: Any, b: Any) -> bool:
        return a is b or (type(a) is tuple and type(b) is tuple and len(a) == len(b) == 2 and a[0] is b[0] and a[1] is b[1])

    return len(left) == len(right) and all(map(same, left, right))


def _make_ordered_iterator(children: Any) -> Any:
    mapping, kind, remaining = children
    if mapping is None:
        return _used_up(iter(OrderedDict()))
    return _advance(_ORDERED[kind](mapping), len(mapping) - remaining)


def _view_shape(tag: str, start: Callable[[Any], Any], kind: type) -> Shape:
    def make(children: Any) -> Any:
        (mapping,) = children
        return start(mapping)

    return Shape(tag, lambda view: (_container(view, (kind,)),), make, names=field_names("mapping"))


HASH_ITERATOR_SHAPES: dict[type, Shape] = {
    type(iter({})): _dict_iterator_shape("iterator dict keys", dict.__iter__),
    type(iter({}.values())): _dict_iterator_shape("iterator dict values", lambda v: iter(dict.values(v))),
    type(iter({}.items())): _dict_iterator_shape("iterator dict items", lambda v: iter(dict.items(v))),
    type(reversed({})): _dict_iterator_shape("iterator dict reverse keys", dict.__reversed__),
    type(reversed({}.values())): _dict_iterator_shape("iterator dict reverse values", lambda v: reversed(dict.values(v))),
    type(reversed({}.items())): _dict_iterator_shape("iterator dict reverse items", lambda v: reversed(dict.items(v))),
    type(iter(set())): Shape("iterator set", _set_parts, _make_set_iterator, late=True),
    type(iter(OrderedDict())): Shape("iterator ordereddict", _ordered_parts, _make_ordered_iterator, late=True),
    type({}.keys()): _view_shape("dict keys", dict.keys, dict),
    type({}.values()): _view_shape("dict values", dict.values, dict),
    type({}.items()): _view_shape("dict items", dict.items, dict),
    type(OrderedDict().keys()): _view_shape("ordereddict keys", OrderedDict.keys, OrderedDict),
    type(OrderedDict().values()): _view_shape("ordereddict values", OrderedDict.values, OrderedDict),
    type(OrderedDict().items()): _view_shape("ordereddict items", OrderedDict.items, OrderedDict),
}
