"""Keys in paths.

A key stands in a path as text: strings as they are, integers as digits. Every other key, and a string that is empty, has a slash or
begins with a tilde, stands as a tilde and the base64 form (RFC 4648, for URLs, without padding) of its encoding.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any, Final

from stateflow.errors import InvalidKey, MalformedBytes
from stateflow.protocol.keys import decode_key, encode_key

__all__ = ["BadKey", "from_text", "to_text"]

_MARK: Final = "~"
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,40}")


class BadKey(ValueError):
    """A text in a path that is no key of the class."""


def to_text(key: object) -> str:
    """Return a key as it stands in a path, before percent-encoding."""
    if type(key) is str and key and not key.startswith(_MARK) and "/" not in key and "\x00" not in key:
        return key
    if type(key) is int:
        return str(key)
    return _MARK + base64.urlsafe_b64encode(encode_key(key)).decode().rstrip("=")


def from_text(text: str, key_type: type) -> Any:
    """Return the key that a text stands for.

    Args:
        text: a part of a path, after percent-decoding.
        key_type: what the class's `__key__` says that it returns; `str` when it does not say.

    Raises:
        BadKey: it is none of the class.
    """
    if text.startswith(_MARK):
        return _from_encoding(text)
    if key_type is int:
        if not _INTEGER.fullmatch(text):
            raise BadKey(f"{text!r} is no integer")
        return int(text)
    if key_type is not str:
        raise BadKey(f"{text!r} is no key; keys of this class stand in paths as a tilde and the base64 form of their encoding")
    if "\x00" in text:
        raise BadKey("a key with a zero character stands in a path as a tilde and its base64 form")
    return text


def _from_encoding(text: str) -> Any:
    data = text[1:]
    try:
        return decode_key(base64.b64decode(data + "=" * (-len(data) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, InvalidKey, MalformedBytes, ValueError) as error:
        raise BadKey(f"{text!r} is not the base64 form of a key: {error}") from None
