"""Python's own functions and operators, in Python, so that the compiler can make them resumable.

They are used where an argument may suspend while it is consumed: a key function that reads another entity, a generator expression, an
entity with special methods. Their order of calls is CPython's.
"""

from __future__ import annotations

from typing import Any

from stateflow.core import prelude_native as native

_DEFAULT = native.DEFAULT


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
    method = native.special(start, "__index__") if native.is_entity(start) else None
    start = native.as_index(start if method is None else method())
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
    iterator = iter_(iterable)
    ask_length(iterable)
    return [value for value in iterator]


def elements(iterable: Any) -> Any:
    return [value for value in iterable]


def ask_length(iterable: Any) -> Any:
    """Do what CPython does before it fills a list or tuple: ask how many elements there will be. The answer means nothing here."""
    sequence = native.walked(iterable) if native.is_generator(iterable) else iterable
    method = native.special(sequence, "__len__")
    if method is None:
        method = native.special(sequence, "__length_hint__")
    if method is not None:
        try:
            native.checked_len(method())
        except TypeError:
            return


def tuple_(iterable: Any = (), /) -> Any:
    return native.as_tuple(list_(iterable))


def set_(iterable: Any = (), /) -> Any:
    return {value for value in iterable}


def frozenset_(iterable: Any = (), /) -> Any:
    return native.as_frozenset([value for value in iterable])


def dict_(given: Any = (), /, **named: Any) -> Any:
    made: dict[Any, Any] = {}
    fill_mapping(made, given)
    native.update(made, named)
    return made


def extend_in_place(values: Any, iterable: Any, /) -> None:
    iterator = iter_(iterable)
    if native.is_list(values):
        ask_length(iterable)
    for value in iterator:
        values.append(value)


def fill_mapping(mapping: Any, given: Any) -> None:
    if native.is_mapping(given):
        native.update(mapping, given)
    elif native.is_entity(given) and native.special(given, "keys") is not None:
        for key in given.keys():  # noqa: SIM118 - `keys` is what dict asks for
            mapping[key] = given[key]
    else:
        position = 0
        for pair in given:
            native.add_pair(mapping, pair if native.is_plain_pair(pair) else list_(pair), position)
            position += 1  # noqa: SIM113 - `enumerate` is made of such loops


def reversed_(sequence: Any, /) -> Any:
    method = native.special(sequence, "__reversed__")
    if method is not None:
        return method()
    if native.is_ruled_out(sequence, "__reversed__") or native.special(sequence, "__getitem__") is None:
        raise native.lacking(sequence, "reversible")
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
    if native.is_ruled_out(iterable, "__iter__") or native.special(iterable, "__getitem__") is None:
        raise native.lacking(iterable, "iterable")
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
    if native.is_generator(iterator):
        for value in iterator:
            return value
        if default is native.NOTHING:
            raise native.ended(iterator)
        return default
    method = native.special(native.checked_iterator(iterator), "__next__")
    try:
        return method()
    except StopIteration:
        if default is native.NOTHING:
            raise
        return default


def next_value(iterator: Any) -> Any:
    try:
        return native.special(iterator, "__next__")()
    except StopIteration:
        return native.STOP


def iterate(iterable: Any) -> Any:
    return iter_(iterable)


def with_lists(function: Any, /, *args: Any, **kwargs: Any) -> Any:
    given = [elements(a) if native.is_generator(a) or native.is_entity(a) else a for a in args]
    return native.apply(function, given, kwargs)


def sequence_of(iterable: Any) -> Any:
    """Do what CPython does where a sequence is wanted, for a slice that is assigned or the parts of a joined text."""
    return list_(iter_(iterable))


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
