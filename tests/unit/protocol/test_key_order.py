"""The bytes of keys are ordered as the keys are, and keys with a common beginning stand together."""

from __future__ import annotations

import datetime as dt
import itertools
from enum import Enum
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stateflow.errors import InvalidKey, LimitExceeded, MalformedBytes
from stateflow.limits import KEY_BYTES
from stateflow.protocol.keys import MemberName, decode_key, encode_key, key_range, read_key


class Step(Enum):
    A = 3
    AB = 2
    B = 1


ENUMS = {f"{Step.__module__}.{Step.__qualname__}": Step}
# Few letters, and those at the borders of the encoding, so that beginnings are shared.
TEXTS = st.text(st.sampled_from("\0\x01aé\ud7ff\ud800\udfff\ue000\uffff\U00010000\U0010ffff"), max_size=6) | st.text(st.characters())
BYTES = st.lists(st.sampled_from([0, 1, 97, 254, 255]), max_size=6).map(bytes) | st.binary()
# Far beyond where the form changes, and a few of them still fit one key.
LARGE_BITS = 5_000
NUMBERS = st.integers() | st.builds(
    lambda sign, bits, more: sign * ((1 << bits) + more), st.sampled_from([-1, 1]), st.integers(0, LARGE_BITS), st.integers(-2, 2)
)
ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))
BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "str": TEXTS,
    "bytes": BYTES,
    "int": NUMBERS,
    "bool": st.booleans(),
    "uuid": st.uuids(),
    "date": st.dates(),
    "time": st.times(),
    "datetime": st.datetimes(),
    "instant": st.datetimes(timezones=ZONES),
}
TUPLES = {
    "str-int": st.tuples(TEXTS, NUMBERS),
    "int-str": st.tuples(st.integers(-2, 2), TEXTS),
    "bytes-str": st.tuples(BYTES, TEXTS),
    "nested": st.tuples(st.tuples(TEXTS), TEXTS),
    "texts-of-any-length": st.lists(TEXTS, max_size=4).map(tuple),
    "dates": st.tuples(st.dates(), st.times()),
}


def sign(left: Any, right: Any) -> int:
    return (left > right) - (left < right)


@pytest.mark.parametrize("keys", [*BY_TYPE.values(), *TUPLES.values()], ids=[*BY_TYPE, *TUPLES])
def test_order_of_bytes_is_the_order_of_keys(keys: st.SearchStrategy[Any]) -> None:
    @given(keys, keys)
    def check(one: Any, other: Any) -> None:
        assert sign(encode_key(one), encode_key(other)) == sign(one, other)

    check()


@pytest.mark.parametrize("numbers", [[-(1 << 8 * n) for n in (126, 127, 128, 300)], [(1 << 8 * n) - 1 for n in (125, 126, 127, 300)]])
def test_order_holds_where_the_form_of_a_number_changes(numbers: list[int]) -> None:
    around = sorted(number + more for number in numbers for more in (-1, 0, 1))
    assert sorted(around, key=encode_key) == around


def test_members_of_an_enum_are_ordered_by_their_names() -> None:
    assert sorted([Step.B, Step.AB, Step.A], key=encode_key) == [Step.A, Step.AB, Step.B]


@given(st.lists(st.one_of(*BY_TYPE.values(), *TUPLES.values(), st.sampled_from(Step)), max_size=8))
def test_keys_of_mixed_types_have_one_order_in_which_types_stand_together(keys: list[Any]) -> None:
    ordered = sorted(keys, key=encode_key)
    assert len(list(itertools.groupby(ordered, type))) == len({type(key) for key in keys})


def is_in(key: object, prefix: object) -> bool:
    first, end = key_range(prefix)
    return first <= encode_key(key) < end


@given(TEXTS, TEXTS)
@example("a", "a\0")
@example("a\0", "a\0")
def test_range_of_a_text_holds_exactly_the_keys_that_begin_with_it(prefix: str, rest: str) -> None:
    assert is_in(prefix + rest, prefix)
    assert is_in(rest, prefix) == rest.startswith(prefix)
    assert not is_in((prefix + rest,), prefix)


@given(BYTES, BYTES)
@example(b"\xff\xff", b"\xff\xff\xff")
def test_range_of_bytes_holds_exactly_the_keys_that_begin_with_them(prefix: bytes, rest: bytes) -> None:
    assert is_in(prefix + rest, prefix)
    assert is_in(rest, prefix) == rest.startswith(prefix)


@given(st.lists(TEXTS, max_size=3).map(tuple), st.lists(st.one_of(TEXTS, st.integers(-300, 300)), max_size=3).map(tuple))
def test_range_of_a_tuple_holds_exactly_the_keys_with_these_first_elements(prefix: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    assert is_in(prefix + other, prefix)
    assert is_in(other, prefix) == (other[: len(prefix)] == prefix)


@given(st.lists(TEXTS, max_size=2).map(tuple), TEXTS, TEXTS, BYTES, BYTES)
@example((), "", "\0", b"", b"\0")
def test_range_of_a_tuple_leaves_out_longer_elements(head: tuple[Any, ...], text: str, more: str, raw: bytes, rest: bytes) -> None:
    assert is_in((*head, text + more), (*head, text)) == (more == "")
    assert is_in((*head, text + more, 1), (*head, text)) == (more == "")
    assert is_in((*head, raw + rest), (*head, raw)) == (rest == b"")


@given(st.one_of(*BY_TYPE.values(), *TUPLES.values()))
def test_range_without_a_prefix_holds_every_key(key: object) -> None:
    assert is_in(key, None)


@pytest.mark.parametrize("prefix", [1, True, dt.date(2024, 1, 1), Step.A, ["a"]])
def test_what_has_no_beginning_is_no_prefix(prefix: object) -> None:
    with pytest.raises(InvalidKey, match="a prefix is a str, bytes or a tuple"):
        key_range(prefix)


def test_prefix_longer_than_any_key_is_refused() -> None:
    with pytest.raises(LimitExceeded, match="SF530"):
        key_range("a" * KEY_BYTES)


@given(st.one_of(*BY_TYPE.values(), *TUPLES.values(), st.sampled_from(Step)))
def test_key_is_read_without_its_classes_and_written_again(key: Any) -> None:
    data = encode_key(key)
    read = read_key(data)
    assert encode_key(read) == data
    assert read == (MemberName(f"{Step.__module__}.Step", key.name) if isinstance(key, Step) else key)


def test_member_of_an_unknown_enum_is_no_key_of_these_classes() -> None:
    with pytest.raises(MalformedBytes, match="KeyError"):
        decode_key(encode_key(Step.A), {})
    assert decode_key(encode_key(Step.A), ENUMS) is Step.A
