"""Keys: what can be one, their canonical bytes, and the partition that they belong to.

Two keys of one type are equal exactly when their bytes are: the bytes address the entity on every engine. In bytes a key is a letter for
its type, the length of its content in two bytes, and its content; the content of a tuple is its elements.
"""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from stateflow.errors import InvalidKey, LimitExceeded, MalformedBytes
from stateflow.limits import KEY_BYTES, KEY_NESTING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["check_key", "decode_key", "encode_key", "murmur2", "partition_of"]

_HEAD_BYTES = 3
_SHORT_TEXT = (KEY_BYTES - _HEAD_BYTES) // 4
_SMALL_INT = 2**63
_EPOCH = dt.datetime(1, 1, 1)
_MICROSECOND = dt.timedelta(microseconds=1)


def check_key(key: object) -> None:
    """Refuse what cannot be a key.

    Raises:
        InvalidKey: it is not a str, int, bool, bytes, UUID, date, datetime, time, enum member, or tuple of these.
        LimitExceeded: it is too long, or its tuples nest too deep.
    """
    kind = type(key)
    if kind is str:
        if len(key) > _SHORT_TEXT:  # type: ignore[arg-type]
            encode_key(key)
    elif kind is not int or not -_SMALL_INT < key < _SMALL_INT:  # type: ignore[operator]
        encode_key(key)


def encode_key(key: object) -> bytes:
    """Return the canonical bytes of a key.

    Raises:
        InvalidKey: it cannot be a key.
        LimitExceeded: it is too long, or its tuples nest too deep.
    """
    return _encode(key, KEY_NESTING)


def decode_key(data: bytes, enums: Mapping[str, type[Enum]] | None = None) -> Any:
    """Return the key that `encode_key` wrote; of a date and time with a zone, the same instant in UTC.

    Args:
        data: the bytes of one key.
        enums: the enum classes whose members may be keys, by module and qualified name (`shop.Colour`).

    Raises:
        MalformedBytes: the bytes are not exactly those that `encode_key` writes.
    """
    try:
        if len(data) > KEY_BYTES:
            raise ValueError("too long")
        (key,) = _read(data, enums or {}, KEY_NESTING)
        if encode_key(key) != data:
            raise ValueError("not canonical")
    except Exception as error:
        raise MalformedBytes(f"SF511: these bytes are not a key ({type(error).__name__}: {error})") from error
    return key


def partition_of(key_bytes: bytes, partitions: int) -> int:
    """Return the number of the partition, from 0, that an encoded key belongs to; Kafka's default partitioner says the same."""
    return (murmur2(key_bytes) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """Return the 32-bit MurmurHash2 of bytes, signed, with the seed that Kafka's clients use.

    Source: MurmurHash2 by Austin Appleby (public domain).
    """
    multiplier, mask = 0x5BD1E995, 0xFFFFFFFF
    length = len(data)
    whole = length & ~3
    value = 0x9747B28C ^ length
    for position in range(0, whole, 4):
        word = int.from_bytes(data[position : position + 4], "little") * multiplier & mask
        word = (word ^ word >> 24) * multiplier & mask
        value = (value * multiplier & mask) ^ word
    if whole != length:
        value = (value ^ int.from_bytes(data[whole:], "little")) * multiplier & mask
    value = (value ^ value >> 13) * multiplier & mask
    value ^= value >> 15
    return value - 2**32 if value >= 2**31 else value


def _encode(key: Any, nesting: int) -> bytes:
    writer = _WRITERS.get(type(key))
    if writer is not None:
        letter, write = writer
        content = write(key)
    elif type(key) is tuple:
        letter, content = b"(", _tuple_content(key, nesting)
    elif isinstance(key, Enum):
        letter, content = b"e", _member_content(key)
    else:
        raise InvalidKey(f"SF504: {_advice(key)}")
    if len(content) > KEY_BYTES - _HEAD_BYTES:
        raise LimitExceeded(f"SF530: a key takes more than {KEY_BYTES} bytes; use a digest or an identifier of it as the key")
    return letter + len(content).to_bytes(2) + content


def _tuple_content(key: tuple[Any, ...], nesting: int) -> bytes:
    if nesting == 0:
        raise LimitExceeded(f"SF530: the tuples of a key nest deeper than {KEY_NESTING}; make it flatter")
    if len(key) * _HEAD_BYTES > KEY_BYTES:
        raise LimitExceeded(f"SF530: a key of {len(key)} elements takes more than {KEY_BYTES} bytes; use an identifier as the key")
    return b"".join([_encode(part, nesting - 1) for part in key])


def _member_content(member: Enum) -> bytes:
    cls = type(member)
    if cls.__members__.get(member.name) is not member:
        raise InvalidKey(f"SF504: {member!r} is not one named member of {cls.__qualname__}; use a tuple of its members as the key")
    # A name has no colon.
    return f"{cls.__module__}.{cls.__qualname__}:{member.name}".encode()


def _advice(key: Any) -> str:
    kind = type(key)
    if key is None:
        return "__key__ answered None; return the attribute that identifies the entity"
    for base in (str, int, bytes, tuple):
        if issubclass(kind, base):
            return f"a {kind.__qualname__} cannot be a key, only a plain {base.__name__}; return {base.__name__}(...) of it"
    if issubclass(kind, float):
        return f"the float {key!r} cannot be a key, for nearly equal numbers would be different entities; use an int or a str"
    if issubclass(kind, list):
        return "a list cannot be a key, for it can change; return tuple(...) of it"
    return (
        f"a {kind.__qualname__} cannot be a key; a key is a str, int, bool, bytes, UUID, date, datetime, time, enum member, "
        "or a tuple of these"
    )


def _text(key: str) -> bytes:
    return key.encode("utf-8", "surrogatepass")


def _integer(key: int) -> bytes:
    return key.to_bytes(key.bit_length() // 8 + 1, signed=True)


def _datetime(key: dt.datetime) -> bytes:
    if key.tzinfo is None:
        return b"-" + _integer((key.replace(fold=0) - _EPOCH) // _MICROSECOND)
    if type(key.tzinfo) is not dt.timezone:
        raise InvalidKey(
            f"SF504: a datetime in the zone {key.tzinfo} cannot be a key, for some of its hours come twice; "
            "return key.astimezone(datetime.timezone.utc)"
        )
    since_epoch = key.replace(tzinfo=None) - _EPOCH - (key.utcoffset() or dt.timedelta(0))
    return b"Z" + _integer(since_epoch // _MICROSECOND)


def _read_datetime(raw: bytes) -> dt.datetime:
    made = _EPOCH + _MICROSECOND * int.from_bytes(raw[1:], signed=True)
    return made if raw[:1] == b"-" else made.replace(tzinfo=dt.UTC)


def _time(key: dt.time) -> bytes:
    if key.tzinfo is not None:
        raise InvalidKey("SF504: a time with a time zone cannot be a key; return a datetime, or the time without its zone")
    return key.replace(fold=0).isoformat().encode()


_WRITERS: dict[type, tuple[bytes, Callable[[Any], bytes]]] = {
    str: (b"s", _text),
    int: (b"i", _integer),
    bool: (b"?", lambda key: b"1" if key else b"0"),
    bytes: (b"b", lambda key: key),
    UUID: (b"u", lambda key: key.bytes),
    dt.date: (b"d", lambda key: key.isoformat().encode()),
    dt.datetime: (b"D", _datetime),
    dt.time: (b"t", _time),
}
_READERS: dict[int, Callable[[bytes], Any]] = {
    ord("s"): lambda raw: raw.decode("utf-8", "surrogatepass"),
    ord("i"): lambda raw: int.from_bytes(raw, signed=True),
    ord("?"): lambda raw: raw == b"1",
    ord("b"): lambda raw: raw,
    ord("u"): lambda raw: UUID(bytes=raw),
    ord("d"): lambda raw: dt.date.fromisoformat(raw.decode()),
    ord("D"): _read_datetime,
    ord("t"): lambda raw: dt.time.fromisoformat(raw.decode()),
}


def _read(data: bytes, enums: Mapping[str, type[Enum]], nesting: int) -> Iterator[Any]:
    """Yield the keys that stand one after the other in bytes."""
    position = 0
    while position < len(data):
        letter, start = data[position], position + _HEAD_BYTES
        position = start + int.from_bytes(data[position + 1 : start])
        if position > len(data):
            raise ValueError("cut off")
        content = data[start:position]
        if letter == ord("("):
            if nesting == 0:
                raise ValueError("nested too deep")
            yield tuple(_read(content, enums, nesting - 1))
        elif letter == ord("e"):
            cls, _, name = content.decode().rpartition(":")
            yield enums[cls][name]
        else:
            yield _READERS[letter](content)
