"""An iterator half way goes on where it stood, over the very container that it was started on."""

from __future__ import annotations

import itertools
import operator
import struct
from collections import OrderedDict, deque

import pytest

from stateflow.errors import UnstorableValue
from stateflow.protocol.deque_iterator import iterator_of, reversed_of
from tests.unit.protocol.graphs import WAYS, Plain


@pytest.fixture(params=WAYS.values(), ids=WAYS.keys())
def pass_through(request):
    return request.param


def test_an_iterator_over_a_list_yields_what_the_list_grows_by(pass_through):
    numbers = [1, 2]
    iterator = iter(numbers)
    next(iterator)
    numbers, iterator = pass_through((numbers, iterator))
    numbers.append(3)
    assert list(iterator) == [2, 3]


def test_an_iterator_behind_the_end_of_a_shrunken_list_goes_on_when_it_grows_again(pass_through):
    numbers = [1, 2, 3]
    iterator = iter(numbers)
    next(iterator), next(iterator)
    numbers.clear()
    numbers, iterator = pass_through((numbers, iterator))
    numbers += [1, 2, 7]
    assert list(iterator) == [7]


def test_a_used_up_iterator_stays_used_up(pass_through):
    numbers = [1]
    iterator = iter(numbers)
    assert list(iterator) == [1]
    numbers, iterator = pass_through((numbers, iterator))
    numbers.append(2)
    assert list(iterator) == []


def test_a_list_may_hold_its_own_iterator(pass_through):
    numbers = [1, 2]
    numbers.append(iter(numbers))
    next(numbers[2])
    made = pass_through(numbers)
    assert next(made[2]) == 2
    assert next(made[2]) is made[2]


@pytest.mark.parametrize("view", [iter, lambda d: iter(d.values()), lambda d: iter(d.items()), reversed, lambda d: reversed(d.items())])
@pytest.mark.parametrize("kind", [dict, OrderedDict])
def test_an_iterator_over_a_dict_sees_values_that_change(pass_through, view, kind):
    expected, value = kind(a=1, b=2, c=3), kind(a=1, b=2, c=3)
    expected_iterator, iterator = view(expected), view(value)
    next(expected_iterator), next(iterator)
    value, iterator = pass_through((value, iterator))
    value["b"] = expected["b"] = 20
    assert list(iterator) == list(expected_iterator)


def test_an_iterator_over_a_dict_notices_keys_that_come_later(pass_through):
    value = {"a": 1, "b": 2}
    iterator = iter(value)
    next(iterator)
    value, iterator = pass_through((value, iterator))
    value["c"] = 3
    with pytest.raises(RuntimeError, match="changed size"):
        next(iterator)


def test_an_iterator_over_a_set_yields_the_rest_in_order_and_notices_changes(pass_through):
    value = set(range(20))
    iterator = iter(value)
    next(iterator)
    expected = list(value)[1:]
    value, iterator = pass_through((value, iterator))
    assert [next(iterator) for _ in range(10)] == expected[:10]
    value.add(100)
    with pytest.raises(RuntimeError, match="changed size"):
        next(iterator)


@pytest.mark.parametrize(
    "start",
    [
        lambda: iter((1, 2, 3)),
        lambda: iter("aé\U0001f600b"),
        lambda: iter("abc"),
        lambda: iter(b"abc"),
        lambda: iter(bytearray(b"abc")),
        lambda: iter(range(5)),
        lambda: iter(range(2**70, 2**70 + 3)),
        lambda: reversed([1, 2, 3]),
        lambda: reversed((1, 2, 3)),
        lambda: enumerate([5, 6, 7]),
        lambda: zip([1, 2], "ab", strict=False),
        lambda: map(operator.neg, [1, 2, 3]),
        lambda: filter(None, [1, 0, 2, 3]),
        lambda: itertools.chain([1, 2], (3,)),
        lambda: itertools.islice([1, 2, 3, 4], 3),
        lambda: itertools.islice(itertools.count(5), 4),
        lambda: itertools.accumulate([1, 2, 3]),
        lambda: itertools.takewhile(bool, [1, 2, 0, 3]),
        lambda: itertools.dropwhile(operator.not_, [0, 1, 2]),
        lambda: itertools.starmap(pow, [(1, 2), (2, 3)]),
        lambda: itertools.product([1, 2], [3, 4]),
        lambda: itertools.permutations([1, 2, 3], 2),
        lambda: itertools.combinations([1, 2, 3], 2),
        lambda: itertools.zip_longest([1, 2, 3], [4]),
        lambda: itertools.compress([1, 2, 3], [1, 0, 1]),
        lambda: itertools.repeat(1, 3),
        lambda: iter([3, 2, 1].pop, 3),
    ],
)
@pytest.mark.parametrize("steps", [0, 1, 2])
def test_an_iterator_of_python_goes_on_where_it_stood(pass_through, start, steps):
    expected, iterator = start(), start()
    for _ in range(steps):
        assert next(expected) == next(iterator)
    assert list(pass_through(iterator)) == list(expected)


def test_two_names_for_one_iterator_stay_one(pass_through):
    iterator = iter([1, 2, 3])
    first, second = pass_through((iterator, iterator))
    assert (next(first), next(second)) == (1, 2)


def test_an_iterator_over_a_dict_that_has_grown_fails_as_before(pass_through):
    holder = Plain()
    holder.stock = {"a": 1, "b": 2, "c": 3}
    holder.rest = iter(holder.stock)
    next(holder.rest)
    holder.stock["d"] = 4
    made = pass_through(holder)
    assert list(made.stock) == ["a", "b", "c", "d"]
    with pytest.raises(RuntimeError, match="changed size"):
        next(made.rest)


def test_a_running_generator_is_refused_with_advice(pass_through):
    with pytest.raises(UnstorableValue, match="make a list"):
        pass_through(n for n in [1])


@pytest.mark.parametrize("begin", [iterator_of, reversed_of])
def test_an_iterator_over_a_deque_goes_on_from_either_end(pass_through, begin):
    queue = deque([1, 2, 3])
    iterator, native = begin(queue), iter(queue) if begin is iterator_of else reversed(queue)
    assert next(iterator) == next(native)
    queue, iterator = pass_through((queue, iterator))
    assert [*iterator] == [*native]


@pytest.mark.parametrize("begin", [iterator_of, reversed_of])
def test_an_iterator_over_a_deque_notices_a_change_before_and_after(pass_through, begin):
    queue = deque([1, 2, 3])
    before, after = begin(queue), begin(queue)
    next(before), next(after)
    queue, after = pass_through((queue, after))
    queue.append(4)
    before.values.append(4)
    _, before = pass_through((queue, before))
    for iterator in (before, after):
        with pytest.raises(RuntimeError, match="deque mutated during iteration"):
            next(iterator)


@pytest.mark.parametrize(
    "iterator",
    [
        iter(deque([1])), reversed(deque([1])), itertools.pairwise([1]), itertools.tee([1])[0], iter(memoryview(b"a")),
        struct.iter_unpack("b", b"a"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_iterator_that_cannot_be_looked_into_is_refused_with_advice(pass_through, iterator):
    with pytest.raises(UnstorableValue, match=r"an iterator \(.*\) does not say how far it has come; make a list of it before the call"):
        pass_through([iterator])
