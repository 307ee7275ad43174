"""Iterators over deques that can be stored.

Python's own one knows whether its deque was mutated by a counter that nothing else can read. So two are made at the beginning of a loop:
one goes on, the other one stays where it is and is asked, when the iterator is stored, whether the deque is still the same.
"""

from __future__ import annotations

import itertools
from collections import deque
from typing import TYPE_CHECKING, Any

from stateflow.limits import VALUE_NODES
from stateflow.protocol.shapes import Shape

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DEQUE_ITERATOR", "ITERATING", "DequeIterator", "iterator_of", "reversed_of", "storable"]

ITERATING: frozenset[Any] = frozenset({
    iter, map, filter, zip, enumerate, itertools.chain, itertools.islice, itertools.cycle, itertools.accumulate, itertools.takewhile,
    itertools.dropwhile, itertools.filterfalse, itertools.starmap, itertools.compress, itertools.zip_longest, itertools.groupby,
})  # fmt: skip
"""What begins to iterate over its arguments, and keeps the iterators."""


class DequeIterator:
    """Goes over a deque as Python's own iterator does.

    Args:
        values: the deque.
        index: how many elements were given already.
        is_stale: the deque was mutated since the loop began.
        is_reversed: the loop goes from the end to the beginning.
    """

    __slots__ = ("_guard", "_is_stale", "_rest", "index", "is_reversed", "values")

    def __init__(self, values: deque[Any], index: int = 0, *, is_stale: bool = False, is_reversed: bool = False) -> None:
        self.values = values
        self.index = index
        self.is_reversed = is_reversed
        self._is_stale = is_stale
        self._guard = self._begun()
        native: Any = type(self._guard)
        self._rest = native(values, index)

    def _begun(self) -> Any:
        return deque.__reversed__(self.values) if self.is_reversed else deque.__iter__(self.values)

    def __iter__(self) -> DequeIterator:
        return self

    def __next__(self) -> Any:
        if self._is_stale:
            raise RuntimeError("deque mutated during iteration")
        try:
            value = next(self._rest)
        except StopIteration:
            if self.is_reversed:
                # This one asks whether it has come to its end before it asks whether the deque was mutated.
                self.index = VALUE_NODES
            raise
        self.index += 1
        return value

    def __length_hint__(self) -> int:
        return self._rest.__length_hint__()  # type: ignore[no-any-return]

    @property
    def is_stale(self) -> bool:
        """Whether the deque was mutated since the loop began."""
        if self.index == VALUE_NODES:
            return False
        try:
            next(self._guard, None)
        except RuntimeError:
            self._is_stale = True
        self._guard = self._begun()
        return self._is_stale


def iterator_of(iterable: Any) -> Any:
    """Return an iterator that can be stored half way, as far as there is one."""
    return DequeIterator(iterable) if _is_deque(iterable, "__iter__") else iter(iterable)


def reversed_of(sequence: Any) -> Any:
    """Return an iterator from the end that can be stored half way, as far as there is one."""
    return DequeIterator(sequence, is_reversed=True) if _is_deque(sequence, "__reversed__") else reversed(sequence)


def storable(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return one of `ITERATING` so that what it gives can be stored half way when it is given deques."""

    def begin(*iterables: Any, **named: Any) -> Any:
        return function(*(DequeIterator(one) if _is_deque(one, "__iter__") else one for one in iterables), **named)

    return begin


def _is_deque(value: Any, method: str) -> bool:
    kind = type(value)
    return kind is deque or (issubclass(kind, deque) and getattr(kind, method) is getattr(deque, method))


def _make(children: Any) -> DequeIterator:
    values, index, is_stale, *is_reversed = children
    if not isinstance(values, deque) or type(index) is not int or index < 0:
        raise ValueError("an iterator over something else than a deque")
    return DequeIterator(values, index, is_stale=bool(is_stale), is_reversed=is_reversed == [True])


DEQUE_ITERATOR = Shape("iterator deque", lambda v: [v.values, v.index, v.is_stale, *[True] * v.is_reversed], _make, late=True)
