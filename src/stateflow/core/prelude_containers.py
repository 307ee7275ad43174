"""What lists, tuples and dicts do with the special methods of their elements, in Python, so that the compiler can make it resumable."""

from __future__ import annotations

from typing import Any

from stateflow.core import prelude_native as native
from stateflow.core.prelude import ask_length, fill_mapping, iter_, sequence_of
from stateflow.core.prelude_conversions import repr_


def compare_sequences(name: Any, left: Any, right: Any) -> Any:
    if native.is_list(left) and name in ("__eq__", "__ne__") and native.length(left) != native.length(right):
        return name == "__ne__"
    position = 0
    while position < native.length(left) and position < native.length(right):
        first, second = left[position], right[position]
        if first is not second and not first == second:  # noqa: SIM201 - the elements answer __eq__
            if name in ("__eq__", "__ne__"):
                return name == "__ne__"
            return native.compared(name, first, second)
        position += 1
    return native.compared(name, native.length(left), native.length(right))


def compare_mappings(name: Any, left: Any, right: Any) -> Any:
    is_same = native.length(left) == native.length(right)
    for key, value in native.pairs(left) if is_same else ():
        other = native.item(right, key)
        if other is native.NOTHING or not (value is other or value == other):
            is_same = False
            break
    return is_same if name == "__eq__" else not is_same


def contains_each(container: Any, value: Any) -> Any:
    for found in container:  # noqa: SIM110 - `any` is made of such loops
        if found is value or found == value:
            return True
    return False


def index_of(sequence: Any, value: Any, start: Any = 0, stop: Any = None, /) -> Any:
    for position in native.places(sequence, start, stop):
        if position >= native.length(sequence):
            break
        found = sequence[position]
        if found is value or found == value:
            return position
    raise ValueError(f"{repr_(value)} is not in list" if native.is_list(sequence) else "tuple.index(x): x not in tuple")


def count_of(sequence: Any, value: Any, /) -> Any:
    count = 0
    for found in sequence:
        if found is value or found == value:
            count += 1
    return count


def remove_first(values: Any, value: Any, /) -> Any:
    position = 0
    while position < native.length(values):
        found = values[position]
        if found is value or found == value:
            del values[position : position + 1]
            return
        position += 1
    raise ValueError("list.remove(x): x not in list")


def extend_left(values: Any, iterable: Any, /) -> None:
    for value in iterable:
        values.appendleft(value)


def update_set(values: Any, /, *iterables: Any) -> None:
    for iterable in iterables:
        for value in iterable:
            values.add(value)


def is_disjoint(values: Any, iterable: Any, /) -> Any:
    for value in iterable:  # noqa: SIM110 - `all` is made of such loops
        if value in values:
            return False
    return True


def join_parts(separator: Any, iterable: Any, /) -> Any:
    return native.join(separator, sequence_of(iterable))


def discard_each(values: Any, /, *iterables: Any) -> None:
    for iterable in iterables:
        for value in iterable:
            values.discard(value)


def update(mapping: Any, given: Any = (), /, **named: Any) -> None:
    fill_mapping(mapping, given)
    native.update(mapping, named)


def count_each(counter: Any, given: Any = (), /, **named: Any) -> None:
    if native.is_mapping(given):
        native.count(counter, given)
    else:
        for value in given:
            counter[value] = counter.get(value, 0) + 1
    native.count(counter, named)


def unpack(value: Any, count: Any, starred: Any) -> Any:
    iterator = iter_(native.checked_iterable(value))
    values: list[Any] = []
    if starred == 0:
        ask_length(iterator)
    for element in iterator:
        values.append(element)
        if native.length(values) == starred:
            ask_length(iterator)
        if native.length(values) > count and starred < 0:
            raise native.too_many(count)
    return values


def get_attributes(getter: Any, owner: Any, /) -> Any:
    found = [_follow(owner, native.split(name)) for name in native.arguments(getter)]
    return found[0] if native.length(found) == 1 else native.as_tuple(found)


def _follow(owner: Any, names: Any) -> Any:
    for name in names:
        owner = native.read(owner, name)
    return owner


def get_items(getter: Any, owner: Any, /) -> Any:
    found = [owner[key] for key in native.arguments(getter)]
    return found[0] if native.length(found) == 1 else native.as_tuple(found)


def call_named(caller: Any, owner: Any, /) -> Any:
    name, args, kwargs = native.named_call(caller)
    return native.read(owner, name)(*args, **kwargs)
