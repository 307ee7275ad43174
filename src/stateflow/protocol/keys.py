"""Keys: what can be one, their canonical bytes, and the partition that they belong to.

Two keys of one type are equal exactly when their bytes are: the bytes address the entity on every engine. The bytes are also *ordered* as
the keys are: a database that sorts bytes lists keys in order, and keys with a common beginning stand together.

In bytes a key is a letter for its type and its content. Text and bytes end with a zero, which 255 never follows; a zero inside them is
followed by 255. A tuple is its elements and a zero. Everything else tells its own length. Keys of different types are ordered by the
letters. The members of an enum are ordered by their names: what stands in the class may change, and stored keys stay.
"""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from stateflow.errors import InvalidKey, LimitExceeded, MalformedBytes
from stateflow.limits import KEY_BYTES, KEY_NESTING
from stateflow.protocol.key_reader import (
    DATE_BYTES,
    END,
    EPOCH,
    ESCAPED_ZERO,
    INSTANT_BYTES,
    INSTANT_ZERO,
    LONG_INT,
    MICROSECOND,
    TIME_BYTES,
    KeyReader,
    MemberName,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "Identity", "KeyRange", "MemberName", "bytes_in", "check_key", "check_length", "decode_key", "encode_key", "identity", "key_range",
    "murmur2", "partition_of", "read_key",
]  # fmt: skip

_SHORT_TEXT = (KEY_BYTES - 2) // 4
_SMALL_INT = 2**63
_are_told_apart = frozenset({int, str, bytes}).issuperset
_HEADS = tuple(b"i" + bytes([0x80 + length]) for length in range(9))


class KeyRange(NamedTuple):
    """The keys whose bytes are at least `first` and below `end`."""

    first: bytes
    end: bytes


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
    data = _encode(key, KEY_NESTING)
    if len(data) > KEY_BYTES:
        raise _too_long()
    return data


def decode_key(data: bytes, enums: Mapping[str, type[Enum]] | None = None) -> Any:
    """Return the key that `encode_key` wrote; of a date and time with a zone, the same instant in UTC.

    Args:
        data: the bytes of one key.
        enums: the enum classes whose members may be keys, by module and qualified name (`shop.Colour`).

    Raises:
        MalformedBytes: the bytes are not exactly those that `encode_key` writes.
    """
    known = enums or {}
    return _decode(data, lambda cls, name: known[cls][name])


def read_key(data: bytes) -> Any:
    """Return the key that `encode_key` wrote, with a `MemberName` for each member of an enum; `encode_key` takes these too.

    Raises:
        MalformedBytes: the bytes are not exactly those that `encode_key` writes.
    """
    return _decode(data, MemberName)


def key_range(prefix: object = None) -> KeyRange:
    """Return where the keys lie that begin with `prefix`.

    Args:
        prefix: the beginning of str or bytes keys, or the first elements of tuple keys; None means all keys.

    Raises:
        InvalidKey: keys of this type have no beginning, or an element of the tuple cannot be a key.
        LimitExceeded: no key is as long.
    """
    if prefix is None:
        return KeyRange(b"", b"\xff")
    if type(prefix) not in (str, bytes, tuple):
        raise InvalidKey(f"SF504: a prefix is a str, bytes or a tuple of the first elements, not {prefix!r}")
    # All that the keys have in common: everything but the end.
    first = encode_key(prefix)[: -len(END)]
    # An element that is text ends with a zero. Were 255 to follow, it would be a zero inside of a longer one.
    return KeyRange(first, first + b"\xff" if type(prefix) is tuple else _after_all_that_begin_with(first))


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
        return letter + write(key)
    if type(key) is tuple:
        return b"(" + _tuple_content(key, nesting) + END
    if isinstance(key, Enum):
        return b"e" + _member_content(key)
    raise InvalidKey(f"SF504: {_advice(key)}")


def _too_long() -> LimitExceeded:
    return LimitExceeded(f"SF530: a key takes more than {KEY_BYTES} bytes; use a digest or an identifier of it as the key")


def _tuple_content(key: tuple[Any, ...], nesting: int) -> bytes:
    if nesting == 0:
        raise LimitExceeded(f"SF530: the tuples of a key nest deeper than {KEY_NESTING}; make it flatter")
    if len(key) * 2 > KEY_BYTES:
        raise LimitExceeded(f"SF530: a key of {len(key)} elements takes more than {KEY_BYTES} bytes; use an identifier as the key")
    return b"".join([
        # Most keys that are tuples are numbers of some bytes.
        _HEADS[length := (part.bit_length() + 7) // 8] + part.to_bytes(length) if type(part) is int and 0 <= part < _SMALL_INT else
        _encode(part, nesting - 1) for part in key
    ])  # fmt: skip


def _member_content(member: Enum) -> bytes:
    cls = type(member)
    if cls.__members__.get(member.name) is not member:
        raise InvalidKey(f"SF504: {member!r} is not one named member of {cls.__qualname__}; use a tuple of its members as the key")
    return _member(MemberName(f"{cls.__module__}.{cls.__qualname__}", member.name))


def _member(name: MemberName) -> bytes:
    # A name has no colon.
    return _text(f"{name.enum}:{name.member}")


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
    return _bytes(key.encode("utf-8", "surrogatepass"))


def _bytes(key: bytes) -> bytes:
    if len(key) > KEY_BYTES:
        raise _too_long()
    return key.replace(END, ESCAPED_ZERO) + END


def _integer(key: int) -> bytes:
    """Return a head that grows with the number of bytes, falling below 128 for negative numbers, and these bytes."""
    length = (key.bit_length() + 7) // 8
    if length > KEY_BYTES:
        raise _too_long()
    if key >= 0:
        head = bytes([0x80 + length]) if length < LONG_INT else b"\xff" + length.to_bytes(2)
        return head + key.to_bytes(length)
    head = bytes([0x80 - length]) if length < LONG_INT else b"\x01" + (0xFFFF - length).to_bytes(2)
    return head + (key + (1 << 8 * length) - 1).to_bytes(length)


def _datetime(key: dt.datetime) -> bytes:
    if key.tzinfo is None:
        return b"-" + _instant((key.replace(fold=0) - EPOCH) // MICROSECOND)
    if type(key.tzinfo) is not dt.timezone:
        raise InvalidKey(
            f"SF504: a datetime in the zone {key.tzinfo} cannot be a key, for some of its hours come twice; "
            "return key.astimezone(datetime.timezone.utc)"
        )
    since_epoch = key.replace(tzinfo=None) - EPOCH - (key.utcoffset() or dt.timedelta(0))
    return b"Z" + _instant(since_epoch // MICROSECOND)


def _instant(microseconds: int) -> bytes:
    return (microseconds + INSTANT_ZERO).to_bytes(INSTANT_BYTES)


def _time(key: dt.time) -> bytes:
    if key.tzinfo is not None:
        raise InvalidKey("SF504: a time with a time zone cannot be a key; return a datetime, or the time without its zone")
    seconds = (key.hour * 60 + key.minute) * 60 + key.second
    return (seconds * 1_000_000 + key.microsecond).to_bytes(TIME_BYTES)


_WRITERS: dict[type, tuple[bytes, Callable[[Any], bytes]]] = {
    str: (b"s", _text),
    int: (b"i", _integer),
    bool: (b"?", lambda key: b"\x01" if key else b"\x00"),
    bytes: (b"b", _bytes),
    UUID: (b"u", lambda key: key.bytes),
    dt.date: (b"d", lambda key: key.toordinal().to_bytes(DATE_BYTES)),
    dt.datetime: (b"D", _datetime),
    dt.time: (b"t", _time),
    MemberName: (b"e", _member),
}


def _after_all_that_begin_with(first: bytes) -> bytes:
    """Return the least bytes above all that begin with `first`."""
    raised = first.rstrip(b"\xff")
    return raised[:-1] + bytes([raised[-1] + 1])


def _decode(data: bytes, member: Callable[[str, str], Any]) -> Any:
    try:
        if len(data) > KEY_BYTES:
            raise ValueError("too long")
        reader = KeyReader(data, member)
        key = reader.read(KEY_NESTING)
        if encode_key(key) != data:
            raise ValueError("not canonical")
    except Exception as error:
        raise MalformedBytes(f"SF511: these bytes are not a key ({type(error).__name__}: {error})") from error
    return key


Identity = tuple[object, ...]
"""What `identity` returns."""


def identity(cls: type, key: object) -> Identity:
    """Return what two references to one entity have in common, and no others: 1 and True are two keys, also inside a tuple.

    The types are in it by their addresses: the garbage collector would follow a tuple that holds types, for each entity in memory.
    Whoever keeps it keeps the class too. Most tuples are numbers and texts, which are equal only to their like, and stand for themselves;
    whether such a one is short enough for a key is not checked here.
    """
    kind = type(key)
    return (id(cls), id(kind), key if kind is not tuple or _are_told_apart(map(type, key)) else encode_key(key))  # type: ignore[call-overload]


def check_length(name: Identity, key: object) -> None:
    """Refuse a key that is too long where its identity, `name`, could be made without its bytes.

    Raises:
        LimitExceeded: it is.
    """
    if name[2] is key and type(key) is tuple:
        encode_key(key)


def bytes_in(name: Identity, key: object) -> bytes:
    """Return the canonical bytes of a key, which are in its identity where it is a tuple of other things than numbers and texts."""
    known = name[2]
    return known if type(known) is bytes and type(key) is tuple else encode_key(key)
