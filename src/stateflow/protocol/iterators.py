"""Shapes of native iterators half way. Each keeps its container, so that one over a list that grows goes on with the new elements."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from stateflow.errors import UnstorableValue
from stateflow.limits import VALUE_NODES
from stateflow.protocol.deque_iterator import DEQUE_ITERATOR, DequeIterator
from stateflow.protocol.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["ITERATOR_SHAPES"]

_R_LIMIT = 10_000
"""The second argument of permutations and combinations: an array of that length is made at once."""


def _pad(sequence: Any, index: int) -> int:
    """Lengthen a list up to an index that lies behind its end, which `__setstate__` would clip; return by how many."""
    missing = index - len(sequence)
    if type(index) is not int or missing > VALUE_NODES:
        raise ValueError("an iterator far behind the end of its list")
    return max(missing, 0)


def _list_parts(iterator: Any) -> tuple[Any, ...]:
    _, args, *state = iterator.__reduce__()
    return (args[0], state[0]) if state else (None, 0)


def _make_list_iterator(children: Any) -> Any:
    container, index = children
    if container is None:
        return _used_up(list.__iter__([]))
    return _set_index(list.__iter__(container), container, index)


def _make_list_reverse_iterator(children: Any) -> Any:
    container, index = children
    if container is None:
        return _used_up(list.__reversed__([]))
    return _set_index(list.__reversed__(container), container, index)


def _set_index(iterator: Any, container: list[Any], index: int) -> Any:
    missing = _pad(container, index + 1)
    list.extend(container, [None] * missing)
    iterator.__setstate__(index)
    if missing:
        list.__delitem__(container, slice(-missing, None))
    return iterator


def _used_up(iterator: Any) -> Any:
    next(iterator, None)
    return iterator


def _sequence_shape(tag: str, empty: Any, kinds: tuple[type, ...], start: Callable[[Any], Any]) -> Shape:
    """Make the shape of an iterator over an immutable sequence, or bytearray: the sequence and the index."""

    def flatten(iterator: Any) -> tuple[Any, ...]:
        _, args, *state = iterator.__reduce__()
        if not state:
            return (None, 0)
        if type(args[0]) not in kinds:
            raise UnstorableValue("", f"an iterator over a {type(args[0]).__qualname__} is not stored; iterate over a list of it")
        return (args[0], state[0])

    def make(children: Any) -> Any:
        sequence, index = children
        if sequence is None:
            return _used_up(start(empty))
        if type(sequence) not in kinds or type(index) is not int:
            raise TypeError("not a sequence of this iterator")
        iterator = start(sequence)
        iterator.__setstate__(index)
        return iterator

    return Shape(tag, flatten, make, late=True)


class _PlainSequence:
    def __getitem__(self, index: int) -> None:
        raise IndexError


def _old_sequence_parts(iterator: Any) -> tuple[Any, ...]:
    _, args, *state = iterator.__reduce__()
    return (args[0], state[0]) if state else (None, 0)


def _make_old_sequence_iterator(children: Any) -> Any:
    sequence, index = children
    if sequence is None:
        return _used_up(iter(_PlainSequence()))
    if hasattr(type(sequence), "__iter__") or type(index) is not int:
        raise TypeError("not a sequence of this iterator")
    iterator = iter(sequence)
    iterator.__setstate__(index)
    return iterator


def _callable_parts(iterator: Any) -> tuple[Any, ...]:
    _, args = iterator.__reduce__()
    return tuple(args) if len(args) == 2 else ()


def _make_callable_iterator(children: Any) -> Any:
    if children:
        call, sentinel = children
        return iter(call, sentinel)
    return _used_up(iter(int, 0))


def _reduced_shape(cls: Any, check: Callable[[Sequence[Any]], bool] | None = None) -> Shape:
    """Make the shape of an iterator that `__reduce__` tells all about: the number of arguments, these, and the state, if any."""

    def flatten(iterator: Any) -> list[Any]:
        made_by, args, *state = iterator.__reduce__()
        if made_by is not cls or (check and not check(args)):
            raise UnstorableValue("", f"this {cls.__name__} cannot be stored half way; make a list of it")
        return [len(args), *args, *(one for one in state if one is not None)]

    def make(children: Any) -> Any:
        count, *rest = children
        args, state = rest[:count], rest[count:]
        if check and not check(args):
            raise ValueError(f"not the arguments of {cls.__name__}")
        iterator = cls(*args)
        if state:
            iterator.__setstate__(*state)
        return iterator

    return Shape(f"iterator {cls.__name__}", flatten, make)


def _iterators_at(start: int, stop: int | None = None) -> Callable[[Sequence[Any]], bool]:
    # Anything else would be asked for an iterator, which runs code of its class; zip_longest has () for one that is used up.
    return lambda args: all(hasattr(type(one), "__next__") or (type(one) is tuple and not one) for one in args[start:stop])


def _tuples(args: Sequence[Any]) -> bool:
    return all(type(one) is tuple for one in args)


def _pool(args: Sequence[Any]) -> bool:
    return len(args) == 2 and type(args[0]) is tuple and type(args[1]) is int and 0 <= args[1] <= _R_LIMIT


_REDUCED: dict[Any, Callable[[Sequence[Any]], bool] | None] = {
    enumerate: _iterators_at(0, 1),
    zip: _iterators_at(0),
    map: _iterators_at(1),
    filter: _iterators_at(1),
    itertools.chain: lambda args: not args,
    itertools.islice: _iterators_at(0, 1),
    itertools.count: None,
    itertools.cycle: _iterators_at(0),
    itertools.repeat: None,
    itertools.accumulate: _iterators_at(0, 1),
    itertools.takewhile: _iterators_at(1),
    itertools.dropwhile: _iterators_at(1),
    itertools.filterfalse: _iterators_at(1),
    itertools.starmap: _iterators_at(1),
    itertools.compress: _iterators_at(0),
    itertools.zip_longest: _iterators_at(0),
    itertools.product: _tuples,
    itertools.permutations: _pool,
    itertools.combinations: _pool,
    itertools.combinations_with_replacement: _pool,
    itertools.groupby: _iterators_at(0, 1),
}

_REVERSIBLE = (tuple, str, bytes, bytearray)

ITERATOR_SHAPES: dict[type, Shape] = {
    type(iter([])): Shape("iterator list", _list_parts, _make_list_iterator, late=True),
    type(reversed([])): Shape("iterator list reverse", _list_parts, _make_list_reverse_iterator, late=True),
    type(iter(())): _sequence_shape("iterator tuple", (), (tuple,), tuple.__iter__),
    type(iter("a")): _sequence_shape("iterator str ascii", "", (str,), iter),
    type(iter("é")): _sequence_shape("iterator str", "é", (str,), lambda v: iter("é" + v) if v.isascii() else iter(v)),
    type(iter(b"")): _sequence_shape("iterator bytes", b"", (bytes,), iter),
    type(iter(bytearray())): _sequence_shape("iterator bytearray", bytearray(), (bytearray,), iter),
    type(iter(range(0))): _sequence_shape("iterator range", range(0), (range,), iter),
    type(iter(range(2**70))): _sequence_shape("iterator long range", range(2**70, 2**70), (range,), iter),
    type(iter(_PlainSequence())): Shape("iterator sequence", _old_sequence_parts, _make_old_sequence_iterator, late=True),
    type(iter(int, 1)): Shape("iterator callable", _callable_parts, _make_callable_iterator),
    DequeIterator: DEQUE_ITERATOR,
    reversed: _sequence_shape("iterator reversed", (), _REVERSIBLE, reversed),
    **{cls: _reduced_shape(cls, check) for cls, check in _REDUCED.items()},
}
