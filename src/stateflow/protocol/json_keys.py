"""Keys as JSON that people can read, and back: every key, exactly.

Text, numbers of up to 64 bits, true and false stand for themselves; a tuple is an array. Everything else is an object with one member
that begins with a dollar sign: `{"$date": "2024-01-02"}`.
"""

from __future__ import annotations

import base64
import datetime as dt
from typing import TYPE_CHECKING, Any
from uuid import UUID

from stateflow.errors import MalformedBytes
from stateflow.protocol.key_reader import MemberName
from stateflow.protocol.keys import encode_key, read_key

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["from_base64", "key_from_json", "key_to_json", "to_base64"]

_SMALL_INT = 2**63
_ANY_TEXT = ("utf-8", "surrogatepass")


def key_to_json(data: bytes) -> Any:
    """Return an encoded key as what JSON holds.

    Raises:
        MalformedBytes: the bytes are not a key.
    """
    return _to_json(read_key(data))


def key_from_json(value: Any) -> bytes:
    """Return the encoded key that `key_to_json` was given.

    Raises:
        MalformedBytes: the value is not the JSON of a key.
        LimitExceeded: the key is too long.
    """
    return encode_key(_from_json(value))


def _to_json(key: Any) -> Any:
    kind = type(key)
    if kind is bool or (kind is int and -_SMALL_INT <= key < _SMALL_INT) or (kind is str and _is_plain(key)):
        return key
    if kind is tuple:
        return [_to_json(part) for part in key]
    name, write, _ = _FORMS[kind]
    return {name: write(key)}


def _from_json(value: Any) -> Any:
    if type(value) in (str, int, bool):
        return value
    if type(value) is list:
        return tuple([_from_json(part) for part in value])
    if type(value) is dict and len(value) == 1:
        ((name, text),) = value.items()
        read = _READERS.get(name)
        if read is not None and type(text) is str:
            try:
                return read(text)
            except ValueError as error:
                raise MalformedBytes(f"SF511: {value} is not the JSON of a key ({error})") from error
    raise MalformedBytes(f"SF511: {value!r} is not the JSON of a key")


def _is_plain(text: str) -> bool:
    # JSON is UTF-8, which has no lone surrogates.
    return not any("\ud800" <= character <= "\udfff" for character in text)


def to_base64(data: bytes) -> str:
    """Return bytes as text."""
    return base64.b64encode(data).decode()


def from_base64(text: str) -> bytes:
    """Return the bytes of `to_base64`.

    Raises:
        ValueError: the text is something else.
    """
    return base64.b64decode(text, validate=True)


def _read_member(text: str) -> MemberName:
    enum, colon, member = text.rpartition(":")
    if not colon:
        raise ValueError("a member of an enum is written as module.Class:NAME")
    return MemberName(enum, member)


_FORMS: dict[type, tuple[str, Callable[[Any], str], Callable[[str], Any]]] = {
    int: ("$int", hex, lambda text: int(text, 16)),
    str: ("$str", lambda key: to_base64(key.encode(*_ANY_TEXT)), lambda text: from_base64(text).decode(*_ANY_TEXT)),
    bytes: ("$bytes", to_base64, from_base64),
    UUID: ("$uuid", str, UUID),
    dt.date: ("$date", dt.date.isoformat, dt.date.fromisoformat),
    dt.datetime: ("$datetime", dt.datetime.isoformat, dt.datetime.fromisoformat),
    dt.time: ("$time", dt.time.isoformat, dt.time.fromisoformat),
    MemberName: ("$enum", lambda key: f"{key.enum}:{key.member}", _read_member),
}
_READERS = {name: read for name, _, read in _FORMS.values()}
