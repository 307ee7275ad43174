"""Iterators over deques that can be stored.

Python's own one knows whether its deque was mutated by a counter that nothing else can read. So two are made at the beginning of a loop:
one goes on, the other one stays where it is and is asked, when the iterator is stored, whether the deque is still the same.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from stateflow.protocol.shapes import Shape

__all__ = ["DEQUE_ITERATOR", "DequeIterator", "iterator_of"]


class DequeIterator:
    """Goes over a deque as Python's own iterator does.

    Args:
        values: the deque.
        index: how many elements were given already.
        is_stale: the deque was mutated since the loop began.
    """

    __slots__ = ("_guard", "_is_stale", "_rest", "index", "values")

    def __init__(self, values: deque[Any], index: int = 0, *, is_stale: bool = False) -> None:
        self.values = values
        self.index = index
        self._is_stale = is_stale
        self._guard = iter(values)
        native: Any = type(self._guard)
        self._rest = native(values, index)

    def __iter__(self) -> DequeIterator:
        return self

    def __next__(self) -> Any:
        if self._is_stale:
            raise RuntimeError("deque mutated during iteration")
        value = next(self._rest)
        self.index += 1
        return value

    def __length_hint__(self) -> int:
        return self._rest.__length_hint__()  # type: ignore[no-any-return]

    @property
    def is_stale(self) -> bool:
        """Whether the deque was mutated since the loop began."""
        try:
            next(self._guard, None)
        except RuntimeError:
            return True
        self._guard = iter(self.values)
        return self._is_stale


def iterator_of(iterable: Any) -> Any:
    """Return an iterator that can be stored half way, as far as there is one."""
    return DequeIterator(iterable) if type(iterable) is deque else iter(iterable)


def _make(children: Any) -> DequeIterator:
    values, index, is_stale = children
    if not isinstance(values, deque) or type(index) is not int or index < 0:
        raise ValueError("an iterator over something else than a deque")
    return DequeIterator(values, index, is_stale=bool(is_stale))


DEQUE_ITERATOR = Shape("iterator deque", lambda v: [v.values, v.index, v.is_stale], _make, late=True)
