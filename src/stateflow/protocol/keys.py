"""Keys of entities: which values can be keys, their canonical bytes, and the partition hash of these bytes.

The encoding is injective and canonical: one byte for the type, then the value; `1`, `1.0` and `True` never meet, and equal keys give equal
bytes in every process and on every machine.
"""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from stateflow.errors import InvalidKey, MalformedBytes
from stateflow.limits import KEY_BYTES, KEY_NESTING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["check_key", "decode_key", "encode_key", "murmur2"]

_UTC = dt.timezone.utc
_EPOCH = dt.datetime(1970, 1, 1)
_MICROSECOND = dt.timedelta(microseconds=1)


def check_key(key: object, owner: str = "__key__") -> None:
    """Refuse a value that cannot be a key.

    Args:
        key: what `__key__` answered.
        owner: how the place where it comes from is printed, as in `User.__key__`.

    Raises:
        InvalidKey: the value is of no key type, or too long.
    """
    try:
        encode_key(key)
    except InvalidKey as error:
        raise InvalidKey(f"SF504: {owner}: {str(error).removeprefix('SF504: ')}") from None


def encode_key(key: object) -> bytes:
    """Return the canonical bytes of a key.

    >>> encode_key("ann") == encode_key("ann"), encode_key(1) == encode_key(True)
    (True, False)

    Raises:
        InvalidKey: the value is of no key type, or too long.
    """
    encoded = _encode(key, 0)
    if len(encoded) > KEY_BYTES:
        raise InvalidKey(f"SF504: a key of {len(encoded)} bytes; at most {KEY_BYTES} are allowed, so hash the long part")
    return encoded


def _encode(key: object, depth: int) -> bytes:
    kind = type(key)
    if kind is tuple:
        if depth == KEY_NESTING:
            raise InvalidKey(f"SF504: a key of tuples nested deeper than {KEY_NESTING}")
        parts = [_encode(part, depth + 1) for part in cast("tuple[object, ...]", key)]
        return b"t" + b"".join(_sized(part) for part in parts)
    write = _WRITERS.get(kind)
    if write is not None:
        return write(key)
    if isinstance(key, Enum) and isinstance(key, kind):
        return b"e" + _sized(_class_name(kind).encode()) + _encode_text(str(key.name))
    raise InvalidKey(f"SF504: {_describe(key)} cannot be a key; use str, int, bool, bytes, UUID, date, datetime, an Enum member or a tuple of them")


def _describe(key: object) -> str:
    kind = type(key)
    if kind is float:
        return f"the float {key!r} (equal numbers may differ in their last bit)"
    if key is None:
        return "None (does __key__ return its value?)"
    if issubclass(kind, str | int | bytes | tuple):
        return f"a {kind.__qualname__}, which is a subclass,"
    return f"a value of type {kind.__qualname__}"


def _sized(raw: bytes) -> bytes:
    return len(raw).to_bytes(4, "big") + raw


def _class_name(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _encode_text(text: str) -> bytes:
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidKey(f"SF504: the text {text!r} is not valid Unicode (a lone surrogate)") from None


def _encode_int(number: int) -> bytes:
    return b"i" + number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)


def _encode_datetime(moment: dt.datetime) -> bytes:
    if moment.fold:
        raise InvalidKey("SF504: a datetime with fold=1 equals the one with fold=0; use UTC")
    if moment.tzinfo is None:
        return b"n" + _encode_int((moment - _EPOCH) // _MICROSECOND)
    if moment.tzinfo is not _UTC:
        raise InvalidKey("SF504: a datetime with a time zone other than UTC equals others that print differently; use .astimezone(timezone.utc)")
    return b"z" + _encode_int((moment.replace(tzinfo=None) - _EPOCH) // _MICROSECOND)


_WRITERS: dict[type, Callable[[Any], bytes]] = {
    str: lambda key: b"s" + _encode_text(key),
    int: _encode_int,
    bool: lambda key: b"b" + bytes([key]),
    bytes: lambda key: b"y" + key,
    UUID: lambda key: b"u" + key.bytes,
    dt.date: lambda key: b"d" + key.toordinal().to_bytes(4, "big"),
    dt.datetime: _encode_datetime,
}


def decode_key(data: bytes, enums: Mapping[str, type[Enum]] | None = None) -> object:
    """Return the key that `encode_key` wrote.

    Args:
        data: the bytes.
        enums: the Enum classes that keys may hold, by module and qualified name.

    Raises:
        MalformedBytes: the bytes are not the canonical form of a key.
    """
    if len(data) > KEY_BYTES:
        raise MalformedBytes("SF511: a key that is too long")
    try:
        key = _decode(bytes(data), enums or {}, 0)
        canonical = encode_key(key)
    except MalformedBytes:
        raise
    except (ArithmeticError, LookupError, ValueError, InvalidKey) as error:
        raise MalformedBytes(f"SF511: not a key: {error}") from error
    if canonical != data:
        raise MalformedBytes("SF511: not the canonical form of a key")
    return key


def _decode(data: bytes, enums: Mapping[str, type[Enum]], depth: int) -> object:
    tag, rest = data[:1], data[1:]
    if tag == b"t":
        if depth == KEY_NESTING:
            raise MalformedBytes("SF511: a key that is too deep")
        return tuple(_decode(part, enums, depth + 1) for part in _split(rest))
    if tag == b"e":
        name, start = _take(rest, 0)
        return enums[name.decode("utf-8")][rest[start:].decode("utf-8")]
    return _READERS[tag](rest)


def _take(data: bytes, start: int) -> tuple[bytes, int]:
    end = start + 4 + int.from_bytes(data[start : start + 4], "big")
    if start + 4 > len(data) or end > len(data):
        raise MalformedBytes("SF511: a key that is cut off")
    return data[start + 4 : end], end


def _split(data: bytes) -> list[bytes]:
    parts: list[bytes] = []
    start = 0
    while start < len(data):
        part, start = _take(data, start)
        parts.append(part)
    return parts


def _decode_int(raw: bytes) -> int:
    return int.from_bytes(raw, "big", signed=True)


def _decode_moment(raw: bytes) -> dt.datetime:
    return _EPOCH + _MICROSECOND * _decode_int(raw[1:])


_READERS: dict[bytes, Callable[[bytes], object]] = {
    b"s": lambda raw: raw.decode("utf-8"),
    b"i": _decode_int,
    b"b": lambda raw: raw == b"\x01",
    b"y": lambda raw: raw,
    b"u": lambda raw: UUID(bytes=raw),
    b"d": lambda raw: dt.date.fromordinal(int.from_bytes(raw, "big")),
    b"n": _decode_moment,
    b"z": lambda raw: _decode_moment(raw).replace(tzinfo=_UTC),
}


def murmur2(data: bytes) -> int:
    """Return the hash that Kafka's default partitioner takes of a record's key: 32 bits, not negative.

    Source: MurmurHash2 by Austin Appleby, with Kafka's seed 0x9747b28c. A partition is `(murmur2(key) & 0x7fffffff) % partitions`.

    >>> murmur2(b"21") == 0xC5FB3C5E
    True
    """
    mask, factor = 0xFFFFFFFF, 0x5BD1E995
    length = len(data)
    state = (0x9747B28C ^ length) & mask
    whole = length & ~3
    for start in range(0, whole, 4):
        word = int.from_bytes(data[start : start + 4], "little") * factor & mask
        word = (word ^ (word >> 24)) * factor & mask
        state = (state * factor & mask) ^ word
    if length > whole:
        state = (state ^ int.from_bytes(data[whole:], "little")) * factor & mask
    state = (state ^ (state >> 13)) * factor & mask
    return state ^ (state >> 15)
