"""Python's own functions and operators, in Python, so that the compiler can make them resumable.

They are used where an argument may suspend while it is consumed: a key function that reads another entity, a generator expression, an
entity with special methods. Their order of calls is CPython's.
"""

from __future__ import annotations

from typing import Any

from stateflow.core import prelude_native as native

_DEFAULT = native.DEFAULT


def sorted_(iterable: Any, /, *, key: Any = None, reverse: bool = False) -> Any:
    values = [value for value in iterable]
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


def _extreme(name: str, given: Any, key: Any, default: Any, is_better: Any) -> Any:
    iterable = given[0] if native.length(given) == 1 else given
    found = best = _DEFAULT
    for value in iterable:
        rank = value if key is None else key(value)
        if found is _DEFAULT:
            found, best = value, rank
        elif is_better(rank, best):
            found, best = value, rank
    if found is _DEFAULT:
        if default is _DEFAULT:
            raise native.empty(name)
        return default
    return found


def is_less(left: Any, right: Any) -> Any:
    return left < right


def is_greater(left: Any, right: Any) -> Any:
    return left > right


def min_(*given: Any, key: Any = None, default: Any = _DEFAULT) -> Any:
    return _extreme("min", given, key, default, is_less)


def max_(*given: Any, key: Any = None, default: Any = _DEFAULT) -> Any:
    return _extreme("max", given, key, default, is_greater)


def sum_(iterable: Any, /, start: Any = 0) -> Any:
    native.check_sum_start(start)
    pending: list[Any] = []
    iterator = iter_(iterable)
    total = start
    is_plain = native.is_number(start)
    for value in iterator:
        if is_plain and native.is_number(value):
            pending.append(value)
        else:
            if is_plain:
                total = native.total(pending, total)
                is_plain = False
            total = total + value
    return native.total(pending, total) if is_plain else total


def any_(iterable: Any, /) -> Any:
    for value in iterable:
        if value:
            return True
    return False


def all_(iterable: Any, /) -> Any:
    for value in iterable:
        if not value:
            return False
    return True


def map_(function: Any, /, *iterables: Any) -> Any:
    iterators = [iter_(i) for i in iterables]
    return _mapped(function, iterators)


def _mapped(function: Any, iterators: Any) -> Any:
    while True:
        values: list[Any] = []
        for iterator in iterators:
            value = next_(iterator, _DEFAULT)
            if value is _DEFAULT:
                return
            values.append(value)
        yield function(*values)


def filter_(function: Any, iterable: Any, /) -> Any:
    return _filtered(function, iter_(iterable))


def _filtered(function: Any, iterator: Any) -> Any:
    for value in iterator:
        if function is None:
            if value:
                yield value
        elif function(value):
            yield value


def enumerate_(iterable: Any, start: Any = 0) -> Any:
    return _enumerated(iter_(iterable), start)


def _enumerated(iterator: Any, number: Any) -> Any:
    for value in iterator:
        yield number, value
        number += 1


def zip_(*iterables: Any, strict: bool = False) -> Any:
    return _zipped([iter_(i) for i in iterables], strict)


def _zipped(iterators: Any, strict: Any) -> Any:
    if not iterators:
        return
    while True:
        values: list[Any] = []
        for position, iterator in native.numbered(iterators):
            value = next_(iterator, _DEFAULT)
            if value is _DEFAULT:
                if strict and position:
                    raise native.uneven("shorter", position)
                if strict:
                    for other, rest in native.numbered(iterators[1:]):
                        if next_(rest, _DEFAULT) is not _DEFAULT:
                            raise native.uneven("longer", other + 1)
                return
            values.append(value)
        yield native.as_tuple(values)


def list_(iterable: Any = (), /) -> Any:
    return [value for value in iterable]


def tuple_(iterable: Any = (), /) -> Any:
    return native.as_tuple([value for value in iterable])


def set_(iterable: Any = (), /) -> Any:
    return {value for value in iterable}


def frozenset_(iterable: Any = (), /) -> Any:
    return native.as_frozenset([value for value in iterable])


def dict_(given: Any = (), /, **named: Any) -> Any:
    if native.is_mapping(given):
        return native.as_dict(given, named)
    if native.is_entity(given) and native.special(given, "keys") is not None:
        return native.as_dict({key: given[key] for key in given.keys()}, named)  # noqa: SIM118 - `keys` is what dict asks for
    return native.as_dict([pair if native.is_plain_pair(pair) else list_(pair) for pair in given], named)


def reversed_(sequence: Any, /) -> Any:
    method = native.special(sequence, "__reversed__")
    if method is not None:
        return method()
    return _backwards(sequence, len_(sequence))


def _backwards(sequence: Any, position: Any) -> Any:
    while position > 0:
        position -= 1
        yield sequence[position]


def iter_(iterable: Any, sentinel: Any = _DEFAULT, /) -> Any:
    if sentinel is not _DEFAULT:
        return _until(iterable, sentinel)
    if native.is_iterator(iterable):
        return iterable
    method = native.special(iterable, "__iter__")
    if method is not None:
        return method()
    if native.special(iterable, "__getitem__") is None:
        raise native.not_iterable(iterable)
    return _items(iterable)


def _until(function: Any, sentinel: Any) -> Any:
    while True:
        value = function()
        if value == sentinel:
            return
        yield value


def _items(sequence: Any) -> Any:
    position = 0
    while True:
        try:
            value = sequence[position]
        except IndexError:
            return
        yield value
        position += 1


def next_(iterator: Any, default: Any = native.NOTHING, /) -> Any:
    for value in native.checked_iterator(iterator):
        return value
    if default is native.NOTHING:
        raise StopIteration
    return default


def next_value(iterator: Any) -> Any:
    try:
        return native.special(iterator, "__next__")()
    except StopIteration:
        return native.STOP


def iterate(iterable: Any) -> Any:
    return iter_(iterable)


def with_lists(function: Any, /, *args: Any, **kwargs: Any) -> Any:
    given = [list_(a) if native.is_generator(a) or native.is_entity(a) else a for a in args]
    return native.apply(function, given, kwargs)


def reduce_(function: Any, iterable: Any, initial: Any = _DEFAULT, /) -> Any:
    value = initial
    for element in iterable:
        value = element if value is _DEFAULT else function(value, element)
    if value is _DEFAULT:
        raise TypeError("reduce() of empty iterable with no initial value")
    return value


def iterate_async(iterable: Any) -> Any:
    return native.special(iterable, "__aiter__")()


def next_async(iterator: Any) -> Any:
    try:
        return native.await_value(native.special(iterator, "__anext__")())
    except StopAsyncIteration:
        return native.STOP


async def gather(*awaitables: Any, return_exceptions: bool = False) -> Any:
    results: list[Any] = []
    first = None
    for awaitable in awaitables:
        try:
            results.append(await awaitable)
        except Exception as error:
            results.append(error)
            if first is None:
                first = error
    if first is not None and not return_exceptions:
        raise first
    return results


def len_(value: Any, /) -> Any:
    method = native.special(value, "__len__")
    if method is None:
        raise native.has_no_len(value)
    return native.checked_len(method())
