"""Bytes from outside are a value or are refused by an error of StateFlow, whatever they are; and what cannot be stored is named."""

from __future__ import annotations

import contextlib
import io
import itertools
import threading
from collections import OrderedDict, defaultdict, deque

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stateflow.errors import LimitExceeded, MalformedBytes, UnstorableValue
from stateflow.protocol import values as values_module
from tests.unit.protocol.graphs import CODEC, Access, Cart, Colour, Place, Plain, Price, Record, ShopError, Slotted

REFUSALS = (MalformedBytes, LimitExceeded)


def samples() -> list[object]:
    me = Plain()
    me.me, me.all = me, {me: [me]}
    numbers = [1, 2, 3]
    return [
        me,
        [numbers, iter(numbers), reversed(numbers), enumerate(numbers), zip(numbers, "abc", strict=False)],
        [{1, 2}, frozenset({"a"}), iter({1, 2}), iter({1: 2}), OrderedDict(a=1), defaultdict(list, a=[1]), deque([1], 3)],
        [ShopError("a", amount=1), OSError(2, "x"), ExceptionGroup("g", [ValueError(1)])],
        [Cart("a"), Price(1), Place(1, 2), Record("a", []), Slotted(), Colour.RED, Access.READ | Access.WRITE],
        [numbers.append, len, int, itertools.islice(numbers, 2), itertools.product("ab", "cd"), itertools.count(2**70)],
        [2**100, 1j, range(3), slice(1), b"x", "\ud800", bytearray(b"a")],
    ]


SAMPLES = [CODEC.encode(value) for value in samples()]


def decode(data: bytes) -> None:
    with contextlib.suppress(*REFUSALS):
        CODEC.decode(data)


@settings(max_examples=1500)
@given(st.sampled_from(SAMPLES), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255), st.integers(0, 2)), min_size=1, max_size=6))
def test_a_value_with_some_bytes_changed_is_a_value_or_is_refused(data, changes):
    raw = bytearray(data)
    for position, byte, kind in changes:
        position = 3 + position % (len(raw) - 3) if len(raw) > 3 else 0
        if kind == 0:
            raw[position : position + 1] = bytes([byte])
        elif kind == 1:
            raw.insert(position, byte)
        else:
            del raw[position : position + 1]
    decode(bytes(raw))


TAGS = sorted(CODEC._types.by_tag)
TOKENS = st.one_of(
    st.none(), st.integers(-(2**63), 2**64 - 1), st.integers(-3, 3), st.text(max_size=3), st.binary(max_size=3), st.booleans(), st.floats(),
    st.integers(-1, 6).map(lambda n: [n]), st.sampled_from(["builtins.len", "class Cart", "append", "enum Colour.RED", "B"]),
)  # fmt: skip


@settings(max_examples=2500)
@given(
    st.lists(st.sampled_from(TAGS), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 4), st.lists(TOKENS, max_size=6)), min_size=1, max_size=6),
)
def test_any_table_of_known_tags_is_a_value_or_is_refused(tags, nodes):
    table = [[min(number, len(tags) - 1), *tokens] for number, tokens in nodes]
    decode(values_module._HEADER + msgspec.msgpack.encode(([len(table) - 1], tags, table)))


@given(st.binary(max_size=60))
def test_random_bytes_are_refused(data):
    decode(data)
    decode(values_module._HEADER + data)


def table(tags: list[str], *nodes: list[object]) -> bytes:
    return values_module._HEADER + msgspec.msgpack.encode(([len(nodes) - 1], tags, list(nodes)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"SF\x02\x93\x01\x90\x90",
        table(["class os.system"], [0]),
        table(["tuple"], [0, [0]]),
        table(["list"], [0, [1]]),
        table(["list"], [5]),
        table(["constant"], [0, "builtins.eval"]),
        table(["constant", "builtin method"], [0, "builtins.len"], [1, [0], "__call__"]),
        table(["dict"], [0, "a", 1, "a", 2]),
        table(["dict"], [0, "a"]),
        table(["list"], [0, {"a": 1}]),
    ],
)
def test_bytes_that_name_what_is_not_there_are_refused(data):
    with pytest.raises(REFUSALS):
        CODEC.decode(data)


@pytest.mark.parametrize("step", [1, -1], ids=["forward", "backward"])
@pytest.mark.parametrize("tag", ["tuple", "cell", "method"])
def test_immutable_objects_nested_too_deep_are_refused_in_whatever_order_they_are_named(tag, step):
    count = 200_000
    order = range(count)[::step]
    nodes: list[list[object]] = [[0, [number + step]] for number in range(count)]
    nodes[order[-1]] = [0]
    raw = b"SF\x01" + msgspec.msgpack.encode(([order[0]], [tag], nodes))
    with pytest.raises(MalformedBytes, match="deeper than"):
        CODEC.decode(raw)


def test_a_list_nested_very_deep_is_read_in_whatever_order_it_is_named():
    count = 20_000
    nodes: list[list[object]] = [[0, [number + 1]] for number in range(count - 1)]
    value = CODEC.decode(b"SF\x01" + msgspec.msgpack.encode(([0], ["list"], [*nodes, [0]])))
    depth = 1
    while value:
        (value,) = value
        depth += 1
    assert depth == count


def test_a_value_over_the_size_limit_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(values_module, "VALUE_BYTES", 100)
    with pytest.raises(LimitExceeded, match=r"User\.state takes \d+ bytes"):
        CODEC.encode("a" * 200, "User.state")


def lock_in(make) -> object:
    return make(threading.Lock())


def attribute(name: str, value: object) -> Plain:
    made = Plain()
    setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (lambda lock: attribute("cart", [1, 2, 3, attribute("lock", lock)]), "User.cart[3].lock"),
        (lambda lock: attribute("by_name", {"a": 1, "b": {"c": (0, lock)}}), "User.by_name['b']['c'][1]"),
        (lambda lock: lock, "User"),
        (lambda lock: Cart("ann", [lock]), "User.items[0]"),
        (lambda lock: Price(lock), "User.amount"),
        (lambda lock: Place(1, lock), "User.column"),
        (lambda lock: deque([lock], 3), "User[0]"),
        (lambda lock: ShopError("a", amount=lock), "User.amount"),
        (lambda lock: ValueError(1, lock), "User.args[1]"),
    ],
)
def test_an_error_names_where_the_value_is_that_cannot_be_stored(make, path):
    with pytest.raises(UnstorableValue) as caught:
        CODEC.encode(lock_in(make), "User")
    assert caught.value.path == path
    with pytest.raises(UnstorableValue) as caught:
        CODEC.copy(lock_in(make), root="User")
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        (threading.Lock(), "each runs as a transaction"),
        (io.StringIO(), "open it where it is used"),
        (object(), "constant of the module"),
        (memoryview(b""), "keep bytes of it"),
        (threading, "import it where it is used"),
        (type("Unknown", (), {}), r"register_value\(Unknown\)"),
        (type("Unknown", (), {})(), r"register_value\(Unknown\)"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_an_error_says_what_to_do_instead(value, advice):
    with pytest.raises(UnstorableValue, match=advice):
        CODEC.encode([value])
