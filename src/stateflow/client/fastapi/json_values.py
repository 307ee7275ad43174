"""Values of methods as JSON."""

from __future__ import annotations

from typing import Any

from pydantic_core import to_jsonable_python

from stateflow.client.fastapi.keys import to_text
from stateflow.references import Reference

__all__ = ["to_json"]


def to_json(value: object) -> Any:
    """Return a value in JSON's types: entities as their keys, dates and decimals as text, sets as lists, bytes as base64.

    What has no such form is told by its type's name and its text.
    """
    return to_jsonable_python(_without_references(value), fallback=_describe, bytes_mode="base64", inf_nan_mode="strings", by_alias=True)


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
