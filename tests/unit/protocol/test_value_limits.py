"""Keys and values of the largest size are taken, one byte more is refused, when they are written and when they are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from stateflow.errors import LimitExceeded, MalformedBytes
from stateflow.limits import KEY_BYTES, KEY_NESTING
from stateflow.protocol import keys as keys_module
from stateflow.protocol import values as values_module
from stateflow.protocol.keys import check_key, decode_key, encode_key
from tests.unit.protocol.graphs import CODEC

TEXT_BYTES = len(encode_key(""))
BITS = 8 * (KEY_BYTES - 4)

Make = Callable[[int], Any]
KEYS: list[tuple[str, Make]] = [
    ("text", lambda n: "a" * (n - TEXT_BYTES)),
    ("wide-text", lambda n: "a" * (n - TEXT_BYTES - 4) + "\N{MUSICAL SYMBOL G CLEF}"),
    ("zeros", lambda n: "a" * (n % 2) + "\0" * ((n - TEXT_BYTES) // 2)),
    ("bytes", lambda n: b"a" * (n - TEXT_BYTES)),
    ("tuple", lambda n: ("a" * (n - 3 * TEXT_BYTES), "")),
]


@pytest.mark.parametrize("make", [make for _, make in KEYS], ids=[name for name, _ in KEYS])
@pytest.mark.parametrize("count", [KEY_BYTES - 1, KEY_BYTES])
def test_key_of_the_largest_size_is_taken(count: int, make: Make) -> None:
    key = make(count)
    check_key(key)
    data = encode_key(key)
    assert len(data) == count
    assert decode_key(data) == key


@pytest.mark.parametrize("make", [make for _, make in KEYS], ids=[name for name, _ in KEYS])
def test_key_of_one_byte_more_is_refused(make: Make) -> None:
    for refuse in (check_key, encode_key):
        with pytest.raises(LimitExceeded, match=f"SF530: a key takes more than {KEY_BYTES} bytes"):
            refuse(make(KEY_BYTES + 1))


def test_bytes_of_a_key_of_one_byte_more_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode_key("a" * (KEY_BYTES - TEXT_BYTES))
    assert decode_key(data)
    monkeypatch.setattr(keys_module, "KEY_BYTES", KEY_BYTES - 1)
    with pytest.raises(MalformedBytes, match="too long"):
        decode_key(data)


def test_largest_int_is_a_key_and_the_next_one_is_refused() -> None:
    largest = (1 << BITS) - 1
    for key in (largest, -largest):
        assert len(encode_key(key)) == KEY_BYTES
        assert decode_key(encode_key(key)) == key
    for key in (largest + 1, -largest - 1):
        with pytest.raises(LimitExceeded, match="SF530"):
            encode_key(key)


def nested(levels: int) -> Any:
    key: Any = "a"
    for _ in range(levels):
        key = (key,)
    return key


@pytest.mark.parametrize("levels", [KEY_NESTING - 1, KEY_NESTING])
def test_key_that_nests_up_to_the_limit_is_taken(levels: int) -> None:
    check_key(nested(levels))
    assert decode_key(encode_key(nested(levels))) == nested(levels)


def test_key_that_nests_one_level_deeper_is_refused_written_and_read() -> None:
    with pytest.raises(LimitExceeded, match=f"SF530: the tuples of a key nest deeper than {KEY_NESTING}"):
        check_key(nested(KEY_NESTING + 1))
    inside = encode_key(nested(KEY_NESTING))
    with pytest.raises(MalformedBytes, match="SF511: these bytes are not a key"):
        decode_key(b"(" + inside + b"\x00")


def text_of(written_bytes: int) -> tuple[list[str], int]:
    """Return a list of one text whose encoding, without header, takes so many bytes."""
    empty = len(CODEC.encode(["a" * 300])) - len(b"SF\x01") - 300
    return ["a" * (written_bytes - empty)], written_bytes + len(b"SF\x01")


@pytest.mark.parametrize("below", [1, 0])
def test_value_of_the_largest_size_is_taken(below: int, monkeypatch: pytest.MonkeyPatch) -> None:
    value, encoded_bytes = text_of(1000 - below)
    monkeypatch.setattr(values_module, "VALUE_BYTES", 1000)
    data = CODEC.encode(value)
    assert len(data) == encoded_bytes
    assert CODEC.decode(data) == value


def test_value_of_one_byte_more_is_refused_written_and_read(monkeypatch: pytest.MonkeyPatch) -> None:
    value, _ = text_of(1001)
    data = CODEC.encode(value)
    monkeypatch.setattr(values_module, "VALUE_BYTES", 1000)
    with pytest.raises(LimitExceeded, match=r"SF530: Cart\.lines takes 1001 bytes, more than 1000"):
        CODEC.encode(value, "Cart.lines")
    with pytest.raises(MalformedBytes, match="SF511"):
        CODEC.decode(data)


@pytest.mark.parametrize(("objects", "is_read"), [(9, True), (10, True), (11, False)])
def test_value_of_too_many_objects_is_refused_when_it_is_read(objects: int, is_read: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"SF\x01" + msgspec.msgpack.encode(([0], ["list"], [[0, *([n] for n in range(1, objects))], *([[0]] * (objects - 1))]))
    monkeypatch.setattr(values_module, "VALUE_NODES", 10)
    if is_read:
        assert CODEC.decode(data) == [[]] * (objects - 1)
    else:
        with pytest.raises((LimitExceeded, MalformedBytes)):
            CODEC.decode(data)
