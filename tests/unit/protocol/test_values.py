"""A value is the same after bytes, and after a copy: types, order, sharing and cycles."""

from __future__ import annotations

import datetime as dt
import decimal
import fractions
import math
import random
import re
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque
from types import MappingProxyType, SimpleNamespace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stateflow.errors import LimitExceeded
from stateflow.limits import STACKED_NESTING
from tests.unit.protocol.graphs import (
    CODEC,
    WAYS,
    Access,
    Address,
    Cart,
    Colour,
    Order,
    Place,
    Plain,
    Price,
    Record,
    Slotted,
    Stack,
    Word,
    is_same_graph,
    through_bytes,
)  # fmt: skip

ATOMS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters()), st.binary(), st.complex_numbers(),
    st.decimals(allow_nan=False),
    st.fractions(), st.dates(), st.datetimes(timezones=st.none() | st.just(dt.timezone(dt.timedelta(minutes=-90)))), st.times(),
    st.timedeltas(), st.uuids(), st.sampled_from([*Colour, Access.READ, Ellipsis, NotImplemented, int, len, Cart]),
)  # fmt: skip
HASHABLE = st.recursive(
    st.one_of(st.integers(), st.text(), st.booleans(), st.none(), st.sampled_from(Colour)),
    lambda parts: st.tuples(parts, parts) | st.builds(Price, parts) | st.frozensets(parts, max_size=3),
    max_leaves=4,
)
TREES = st.recursive(
    ATOMS,
    lambda parts: st.one_of(
        st.lists(parts, max_size=4),
        st.lists(parts, max_size=4).map(tuple),
        st.dictionaries(HASHABLE, parts, max_size=4),
        st.dictionaries(HASHABLE, parts, max_size=3).map(OrderedDict),
        st.lists(parts, max_size=3).map(lambda v: deque(v, maxlen=5)),
        st.lists(parts, max_size=3).map(Stack),
        st.builds(Cart, st.text(), st.lists(parts, max_size=3)),
        st.builds(Price, parts),
        st.builds(Place, parts, parts),
        st.lists(parts, min_size=1, max_size=3).map(lambda v: [v, v[0], (v, v)]),
    ),
    max_leaves=15,
)


@pytest.fixture(params=WAYS.values(), ids=WAYS.keys())
def pass_through(request):
    return request.param


@given(TREES)
def test_a_tree_is_the_same_after_bytes(value):
    assert is_same_graph(through_bytes(value), value)


@given(TREES)
def test_a_tree_is_the_same_after_a_copy(value):
    assert is_same_graph(CODEC.copy(value), value)


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(0, 4)), max_size=24))
def test_any_graph_of_lists_dicts_and_objects_is_the_same_after_bytes_and_a_copy(edges):
    nodes = [[], {}, Plain(), [], {}, Plain(), deque(), Stack()]
    for source, target, label in edges:
        node = nodes[source]
        if isinstance(node, dict):
            node[label] = nodes[target]
        elif isinstance(node, Plain):
            setattr(node, f"a{label}", nodes[target])
        else:
            node.append(nodes[target])
    assert is_same_graph(through_bytes(nodes), nodes)
    assert is_same_graph(CODEC.copy(nodes), nodes)


@pytest.mark.parametrize("value", [-0.0, math.inf, 2**64, -(2**63) - 1, 2**500, "\ud800", "a\udfffé", b"\xff", float("nan"), True])
def test_scalars_at_the_edges_are_exact(value, pass_through):
    made = pass_through([value])[0]
    assert (type(made), repr(made)) == (type(value), repr(value))


def test_sharing_between_two_names_stays(pass_through):
    shared = [1]
    first, second, holder = pass_through((shared, shared, {"a": shared}))
    first.append(2)
    assert second == holder["a"] == [1, 2]


def test_equal_but_separate_lists_stay_separate(pass_through):
    first, second = pass_through(([1], [1]))
    first.append(2)
    assert second == [1]


def test_a_list_may_hold_itself(pass_through):
    value = []
    value.append((value, {"me": value}))
    made = pass_through(value)
    assert made[0][0] is made
    assert made[0][1]["me"] is made


def test_an_object_that_is_a_key_of_its_own_dict_is_found_there_again(pass_through):
    holder = Plain()
    holder.seen = {holder: 1}
    made = pass_through(holder)
    assert made.seen[made] == 1


def test_a_frozen_object_in_a_cycle_is_hashed_when_complete(pass_through):
    cart = Cart("ann")
    price = Price((1, 2))
    cart.items += [{price: cart}, {price}]
    made = pass_through(cart)
    assert made.items[0][Price((1, 2))] is made
    assert Price((1, 2)) in made.items[1]


def test_a_set_keeps_the_order_it_iterates_in(pass_through):
    grown = set(range(1000))
    grown -= set(range(5, 1000))
    for value in (grown, {8, 0, 16}, {16, 0, 8}, frozenset({8, 0, 16})):
        assert list(pass_through(value)) == list(value)


@pytest.mark.parametrize(
    "value",
    [
        Cart("ann", [1]),
        Price(5),
        Place(1, [2]),
        Address("Mekelweg", 4),
        Order(lines=[1, 2], note="x"),
        Record("a", [1]),
        bytearray(b"abc"),
        Counter("aab"),
        defaultdict(list, {"a": [1]}),
        ChainMap({"a": 1}, {"b": 2}),
        SimpleNamespace(a=1),
        MappingProxyType({"a": 1}),
        slice(1, 2),
        range(1, 9, 2),
        Access.READ | Access.WRITE,
        re.compile("a+", re.IGNORECASE),
        Word("hello"),
        decimal.Decimal("-0.10"),
        fractions.Fraction(1, 3),
        UUID(int=5),
        dt.datetime(2024, 10, 27, 2, 30, fold=1),
        list[int],
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_of_each_kind_comes_back_equal_and_of_its_type(value):
    made = through_bytes(value)
    assert type(made) is type(value)
    assert made == value
    assert repr(made) == repr(value)


def test_an_unset_slot_stays_unset(pass_through):
    value = Slotted()
    value.left = [1]
    made = pass_through(value)
    assert made.left == [1]
    assert not hasattr(made, "right")


def test_a_member_of_an_enum_is_the_member_itself(pass_through):
    assert pass_through([Colour.RED])[0] is Colour.RED


def test_a_random_generator_goes_on_where_it_stood(pass_through):
    value = random.Random(7)
    value.gauss(0, 1)
    made = pass_through(value)
    assert [made.random(), made.gauss(0, 1), made.gauss(0, 1)] == [value.random(), value.gauss(0, 1), value.gauss(0, 1)]


def test_neither_init_nor_new_nor_setattr_of_a_class_is_called(pass_through, monkeypatch):
    value = Cart("ann", [1])

    def refuse(*_args):
        raise AssertionError("called")

    monkeypatch.setattr(Cart, "__init__", refuse)
    monkeypatch.setattr(Cart, "__setattr__", refuse)
    assert pass_through(value).items == [1]


def test_a_chain_of_a_hundred_thousand_lists_is_no_problem(pass_through):
    value = []
    for _ in range(100_000):
        value = [value]
    depth, made = 0, pass_through(value)
    while made:
        depth, made = depth + 1, made[0]
    assert depth == 100_000


def test_tuples_nested_too_deep_are_refused(pass_through):
    value = ()
    for _ in range(STACKED_NESTING + 1):
        value = ([value],)
    pass_through(value[0][0])
    flat = ()
    for _ in range(STACKED_NESTING + 1):
        flat = (flat,)
    with pytest.raises(LimitExceeded, match="deeper"):
        pass_through(flat)


def test_a_copy_keeps_atoms_and_constants_and_translates_entities():
    text, plain = "long text", Plain()
    made = CODEC.copy([text, plain, (plain,)], lambda found: ("entity", found is plain), frozenset({Plain}))
    assert made[0] is text
    assert made[1] == ("entity", True)
    assert made[2][0] is made[1]
