"""Formatting of text with `%` and `str.format`, in Python, so that the compiler can make it resumable."""

from __future__ import annotations

from typing import Any

from stateflow.core import prelude_native as native
from stateflow.core import prelude_text_native as text_native
from stateflow.core.prelude_conversions import format_value, repr_, str_


def percent(text: Any, given: Any) -> Any:
    texts: list[Any] = []
    for value, conversion in text_native.percent_values(text, given):
        if conversion == "s":
            texts.append(str_(value))
        else:
            shown = repr_(value)
            texts.append(text_native.escaped(shown) if conversion == "a" else shown)
    return text_native.percent(text, given, texts)


def format(text: Any, /, *args: Any, **kwargs: Any) -> Any:
    return _filled(text, args, kwargs, text_native.numbering(), 2)


def format_map(text: Any, mapping: Any, /) -> Any:
    return _filled(text, None, mapping, text_native.numbering(), 2)


def _filled(text: Any, args: Any, named: Any, numbers: Any, depth: Any) -> Any:
    parts: list[Any] = []
    for literal, name, spec, conversion in text_native.parsed(text, depth):
        parts.append(literal)
        if name is not None:
            first, rest = text_native.field(name, numbers)
            value = text_native.positional(args, first) if native.is_number(first) else named[first]
            for is_attribute, key in rest:
                value = native.read(value, key) if is_attribute else value[key]
            parts.append(format_value(value, text_native.conversion(conversion), _filled(spec, args, named, numbers, depth - 1)))
    return text_native.joined(parts)
