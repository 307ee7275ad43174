"""Keys have one canonical form in bytes, and everything else is refused with advice."""

from __future__ import annotations

import collections
import contextlib
import datetime as dt
import zoneinfo
from enum import Enum, Flag, IntEnum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stateflow.errors import InvalidKey, LimitExceeded, MalformedBytes
from stateflow.limits import KEY_BYTES, KEY_NESTING
from stateflow.protocol.keys import check_key, decode_key, encode_key, murmur2, partition_of


class Colour(Enum):
    RED = "red"
    GREEN = "green"
    CRIMSON = "red"


class Size(IntEnum):
    SMALL = 1


class Access(Flag):
    READ = 1
    WRITE = 2


ENUMS = {f"{cls.__module__}.{cls.__qualname__}": cls for cls in (Colour, Size, Access)}
ZONES = st.none() | st.integers(-23, 23).map(lambda hours: dt.timezone(dt.timedelta(hours=hours)))
SCALARS = st.one_of(
    st.text(st.characters(), max_size=30),
    st.integers(),
    st.booleans(),
    st.binary(max_size=30),
    st.uuids(),
    st.dates(),
    st.datetimes(timezones=ZONES),
    st.times(),
    st.sampled_from([*Colour, *Size, Access.READ]),
)
KEYS = st.recursive(SCALARS, lambda parts: st.lists(parts, max_size=4).map(tuple), max_leaves=6)


def typed(key: object) -> object:
    """Return something equal for equal keys of equal types only."""
    return (tuple, [typed(part) for part in key]) if type(key) is tuple else (type(key), key)


@given(KEYS)
def test_a_key_comes_back_with_its_type(key):
    check_key(key)
    assert typed(decode_key(encode_key(key), ENUMS)) == typed(key)


@given(KEYS, KEYS)
def test_bytes_are_equal_exactly_when_keys_are(one, other):
    assert (encode_key(one) == encode_key(other)) == (typed(one) == typed(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, True), (0, False), ("1", 1), (b"a", "a"), (1, Size.SMALL), (("a", "bc"), ("ab", "c")), (("a",), "a"), ((), ((),))],
)
def test_keys_that_look_alike_have_different_bytes(one, other):
    assert encode_key(one) != encode_key(other)


def test_two_names_of_one_instant_are_one_key():
    noon = dt.datetime(2024, 6, 1, 12, tzinfo=dt.UTC)
    there = noon.astimezone(dt.timezone(dt.timedelta(hours=5, minutes=30)))
    assert encode_key(noon) == encode_key(there)
    assert decode_key(encode_key(there)) == noon


def test_instants_at_the_ends_of_the_calendar_are_keys():
    for key in (dt.datetime.min, dt.datetime.max):
        for hours in (-14, 14):
            there = key.replace(tzinfo=dt.timezone(dt.timedelta(hours=hours)))
            check_key(there)
            assert decode_key(encode_key(there)) == there


def test_a_fold_without_a_zone_makes_no_other_key():
    key = dt.datetime(2024, 10, 27, 2, 30)
    assert encode_key(key) == encode_key(key.replace(fold=1))
    assert encode_key(key.time()) == encode_key(key.time().replace(fold=1))


def test_an_alias_is_the_member_it_names():
    assert encode_key(Colour.CRIMSON) == encode_key(Colour.RED)


Point = collections.namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        (None, "answered None"),
        (1.5, "use an int or a str"),
        ([1], r"tuple\(...\)"),
        (Point(1, 2), r"tuple\(...\)"),
        (type("Text", (str,), {})("a"), r"str\(...\)"),
        (object(), "a key is a str"),
        ({1}, "a key is a str"),
        (("a", None), "answered None"),
        (Access.READ | Access.WRITE, "tuple of its members"),
        (dt.time(1, tzinfo=dt.UTC), "without its zone"),
        (dt.datetime(2024, 1, 1, tzinfo=zoneinfo.ZoneInfo("UTC")), "astimezone"),
    ],
)
def test_what_cannot_be_a_key_is_refused_with_advice(value, advice):
    with pytest.raises(InvalidKey, match=advice):
        check_key(value)


def nested(levels: int) -> object:
    key: object = "a"
    for _ in range(levels):
        key = (key,)
    return key


@pytest.mark.parametrize("make", [lambda n: "a" * n, lambda n: "é" * (n // 2), lambda n: b"a" * n, lambda n: 1 << 8 * (n - 1)])
def test_a_key_of_the_largest_size_is_taken_and_a_larger_one_refused(make):
    check_key(make(KEY_BYTES - 4))
    with pytest.raises(LimitExceeded, match="4096"):
        check_key(make(KEY_BYTES))


def test_a_key_nests_up_to_the_limit():
    assert decode_key(encode_key(nested(KEY_NESTING))) == nested(KEY_NESTING)
    with pytest.raises(LimitExceeded, match="flatter"):
        check_key(nested(KEY_NESTING + 1))


def test_an_endless_number_of_elements_is_refused_before_they_are_encoded():
    with pytest.raises(LimitExceeded, match="elements"):
        check_key((0,) * 10_000_000)


@pytest.mark.parametrize(
    "data",
    [b"", b"s", b"sab", b"x\x00", b"i", b"i\x82\x00\x01", b"i\x82\x01", b"i\x00", b"i\xff\x00\x01\x05", b"?", b"?\x02", b"ua",
     b"s\xff\x00", b"eshop.X:NAME\x00", b"s\x00s\x00", b"(" * 9 + b"\x00" * 9, b"(s\x00", b"d\xff\xff\xff", b"t\xff\xff\xff\xff\xff",
     b"D?" + b"\x80" + bytes(7),
     b"D-\xff" + bytes(7), b"DZ\x00" + bytes(7), b"s" + b"a" * 65535 + b"\x00"],
)  # fmt: skip
def test_bytes_that_encode_key_does_not_write_are_refused(data):
    with pytest.raises(MalformedBytes):
        decode_key(data, ENUMS)


@given(st.binary(max_size=40))
def test_any_bytes_are_refused_or_are_the_only_ones_of_their_key(data):
    with contextlib.suppress(MalformedBytes):
        key = decode_key(data, ENUMS)
        assert encode_key(key) == data


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_murmur2_answers_what_kafka_answers(data, expected):
    assert murmur2(data) == expected


@given(KEYS, st.integers(1, 1000))
def test_a_partition_is_one_of_those_there_are(key, partitions):
    assert 0 <= partition_of(encode_key(key), partitions) < partitions


def test_keys_spread_over_the_partitions():
    counts = collections.Counter(partition_of(encode_key(f"user-{n}"), 8) for n in range(8000))
    assert sorted(counts) == list(range(8))
    assert min(counts.values()) > 800


def test_bytes_of_keys_stay_what_they_are_from_version_to_version():
    times = (dt.date(2024, 1, 2), dt.time(3, 4, 5, 6), dt.datetime(1, 1, 1, 0, 0, 1))
    key = ("a\0", -1, 256, True, b"b", UUID(int=1), *times, Size.SMALL)
    parts = (
        b"sa\x00\xff\x00", b"i\x7f\xfe", b"i\x82\x01\x00", b"?\x01", b"bb\x00", b"u" + bytes(15) + b"\x01",
        b"d\x0b\x46\x47", b"t\x02\x92\x55\x53\x46", b"D-\x80\x00\x00\x00\x00\x0f\x42\x40",
        f"e{Size.__module__}.Size:SMALL".encode() + b"\x00",
    )  # fmt: skip
    assert encode_key(key) == b"(" + b"".join(parts) + b"\x00"
