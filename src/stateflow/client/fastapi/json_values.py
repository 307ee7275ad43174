"""Values of methods as JSON."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

from fastapi.responses import JSONResponse
from pydantic_core import to_jsonable_python

from stateflow.client.key_text import to_text
from stateflow.references import Reference

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["JsonAnswer", "to_json"]

_PLAIN: Final = frozenset((bool, int))
# Made once: `json.dumps` makes an encoder for each call that is not of its own style.
_encode: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def to_json(value: object) -> Any:
    """Return a value in JSON's types: entities as their keys, dates and decimals as text, sets as lists, bytes as base64.

    What has no such form is told by its type's name and its text.
    """
    if value is None or type(value) in _PLAIN:
        return value
    plain = _without_references(value)
    try:
        return to_jsonable_python(plain, fallback=_describe, bytes_mode="base64", inf_nan_mode="strings", by_alias=True)
    except UnicodeEncodeError:
        # Half of a surrogate pair is no text that JSON can carry.
        return {"type": type(value).__name__, "text": ascii(plain)}


class JsonAnswer(JSONResponse):
    """JSON, also of integers with more digits than Python writes: such a one is told by its type's name and its hexadecimal text.

    Args:
        content: JSON's types, as of `to_json`.
        status_code: the status.
        headers: more headers.
        media_type: another type than JSON's own.
    """

    def __init__(
        self, content: Any, status_code: int = 200, headers: Mapping[str, str] | None = None, media_type: str | None = None
    ) -> None:
        self.status_code = status_code
        self.background = None
        self.media_type = media_type or self.media_type
        self.body = self.render(content)
        # Written at once: the framework looks through the headers first for these two, and for a text that needs its encoding named.
        self.raw_headers = [
            (b"content-length", b"%d" % len(self.body)),
            (b"content-type", self.media_type.encode()),
            *((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in (headers or {}).items()),
        ]

    def render(self, content: Any) -> bytes:
        """Return the content as bytes."""
        try:
            return _encode(content).encode()
        except ValueError:
            return json.dumps(_short(content), allow_nan=False, separators=(",", ":")).encode()


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_short(item) for item in value]
    # A decimal digit has more than three bits.
    is_long = type(value) is int and 0 < sys.get_int_max_str_digits() * 3 < value.bit_length()
    return {"type": "int", "text": hex(value)} if is_long else value


def _without_references(value: Any) -> Any:
    kind = type(value)
    if issubclass(kind, Reference):
        return to_text(value._sf_key)
    if kind is dict:
        return {_name(key): _without_references(item) for key, item in value.items()}
    if kind in (list, tuple, set, frozenset):
        return [_without_references(item) for item in value]
    return value


def _name(key: Any) -> Any:
    if issubclass(type(key), Reference):
        return to_text(key._sf_key)
    return key if isinstance(key, str | int | float | bool | None) else str(key)


def _describe(value: Any) -> Any:
    if issubclass(type(value), Reference):
        return to_text(value._sf_key)
    return {"type": type(value).__name__, "text": str(value)}
