"""Values of methods as JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

from fastapi.responses import JSONResponse
from pydantic_core import to_jsonable_python

from stateflow.client.key_text import to_text
from stateflow.references import Reference

__all__ = ["JsonAnswer", "to_json"]


def to_json(value: object) -> Any:
    """Return a value in JSON's types: entities as their keys, dates and decimals as text, sets as lists, bytes as base64.

    What has no such form is told by its type's name and its text.
    """
    plain = _without_references(value)
    try:
        return to_jsonable_python(plain, fallback=_describe, bytes_mode="base64", inf_nan_mode="strings", by_alias=True)
    except UnicodeEncodeError:
        # Half of a surrogate pair is no text that JSON can carry.
        return {"type": type(value).__name__, "text": ascii(plain)}


class JsonAnswer(JSONResponse):
    """JSON, also of integers with more digits than Python writes: such a one is told by its type's name and its hexadecimal text."""

    def render(self, content: Any) -> bytes:
        """Return the content as bytes."""
        try:
            return super().render(content)
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
