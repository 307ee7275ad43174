"""Sorting, in Python, so that the compiler can make it resumable. The order of comparisons is CPython's."""

from __future__ import annotations

from typing import Any

from stateflow.core import prelude_native as native
from stateflow.core.prelude import list_


def sorted_(iterable: Any, /, *, key: Any = None, reverse: bool = False) -> Any:
    values = list_(iterable)
    keys = values if key is None else [key(value) for value in values]
    if native.has_remote_order(keys):
        if native.length(values) < 64:
            return insertion_sort(values, keys, reverse)
        return merge_sort(values, keys, reverse)
    return native.sort_by(values, keys, reverse)


def insertion_sort(values: Any, keys: Any, reverse: Any) -> Any:
    """Sort fewer than 64 values by the comparisons of CPython, in its order: a run at the beginning, then binary insertion."""
    order = native.positions(values)
    if reverse:
        order.reverse()
    count = _first_run(order, keys)
    while count < native.length(order):
        pivot = order.pop(count)
        low, high = 0, count
        while low < high:
            middle = (low + high) // 2
            if keys[pivot] < keys[order[middle]]:
                high = middle
            else:
                low = middle + 1
        order.insert(low, pivot)
        count += 1
    if reverse:
        order.reverse()
    return native.pick(values, order)


def _first_run(order: Any, keys: Any) -> Any:
    """Return how many values at the beginning are in order, after a descending run there was reversed."""
    if native.length(order) < 2:
        return native.length(order)
    is_descending = keys[order[1]] < keys[order[0]]
    count = 2
    while count < native.length(order):
        is_less = keys[order[count]] < keys[order[count - 1]]
        if native.as_bool(is_less) is not native.as_bool(is_descending):
            break
        count += 1
    if is_descending:
        order[:count] = order[:count][::-1]
    return count


def merge_sort(values: Any, keys: Any, reverse: Any) -> Any:
    order = native.positions(values)
    if reverse:
        order.reverse()
    width = 1
    while width < native.length(order):
        start = 0
        merged: list[Any] = []
        while start < native.length(order):
            left = order[start : start + width]
            right = order[start + width : start + 2 * width]
            while left and right:
                if keys[right[0]] < keys[left[0]]:
                    merged.append(right.pop(0))
                else:
                    merged.append(left.pop(0))
            merged.extend(left)
            merged.extend(right)
            start += 2 * width
        order = merged
        width *= 2
    if reverse:
        order.reverse()
    return native.pick(values, order)


def sort_in_place(values: Any, *, key: Any = None, reverse: bool = False) -> Any:
    taken = values[:]
    values.clear()
    try:
        ordered = sorted_(taken, key=key, reverse=reverse)
    except BaseException:
        values[:] = taken
        raise
    values[:] = ordered
