"""Atoms: exact types that are immutable and are always passed as they are."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from types import EllipsisType, NoneType, NotImplementedType
from typing import Any, Final
from uuid import UUID, SafeUUID

from stateflow.protocol.shapes import Shape

__all__ = ["ATOMS", "ATOM_SHAPES", "INLINE"]

INLINE: Final[frozenset[type]] = frozenset({NoneType, bool, int, float, str, bytes})
"""Types that MessagePack holds as they are, apart from ints over 64 bits and lone surrogates."""

ATOMS: Final[frozenset[type]] = INLINE | {
    complex,
    EllipsisType,
    NotImplementedType,
    Decimal,
    Fraction,
    dt.date,
    dt.datetime,
    dt.time,
    dt.timedelta,
    dt.timezone,
    UUID,
    range,
}
"""Exact types that are immutable and are always passed as they are."""


def _int_bytes(value: int) -> tuple[bytes]:
    return (value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True),)


def _make_int(children: Any) -> int:
    (raw,) = children
    return int.from_bytes(raw, "little", signed=True)


def _make_str(children: Any) -> str:
    (raw,) = children
    return str(raw, "utf-8", "surrogatepass")


def _decimal_parts(value: Decimal) -> tuple[str]:
    return (str(value),)


def _make_decimal(children: Any) -> Decimal:
    (text,) = children
    if type(text) is not str:
        raise TypeError("a Decimal is written as text")
    return Decimal(text)


def _make_fraction(children: Any) -> Fraction:
    numerator, denominator = children
    return Fraction(numerator, denominator)


def _datetime_parts(value: dt.datetime) -> tuple[Any, ...]:
    return (*value.timetuple()[:6], value.microsecond, value.fold, value.tzinfo)


def _make_datetime(children: Any) -> dt.datetime:
    *parts, fold, zone = children
    return dt.datetime(*parts, zone, fold=fold)  # type: ignore[misc]


def _make_time(children: Any) -> dt.time:
    *parts, fold, zone = children
    return dt.time(*parts, zone, fold=fold)  # type: ignore[misc]


def _timezone_parts(value: dt.timezone) -> tuple[Any, ...]:
    return value.__getinitargs__()  # type: ignore[attr-defined, no-any-return]


def _uuid_parts(value: UUID) -> tuple[Any, ...]:
    return (value.bytes, value.is_safe.value)


def _make_uuid(children: Any) -> UUID:
    raw, safe = children
    return UUID(bytes=raw, is_safe=SafeUUID(safe))


def _make_range(children: Any) -> range:
    start, stop, step = children
    return range(start, stop, step)


ATOM_SHAPES: dict[type, Shape] = {
    int: Shape("int", _int_bytes, _make_int),
    str: Shape("str", lambda v: (v.encode("utf-8", "surrogatepass"),), _make_str),
    complex: Shape("complex", lambda v: (v.real, v.imag), lambda c: complex(*c)),
    Decimal: Shape("decimal", _decimal_parts, _make_decimal),
    Fraction: Shape("fraction", lambda v: (v.numerator, v.denominator), _make_fraction),
    dt.date: Shape("date", lambda v: (v.year, v.month, v.day), lambda c: dt.date(*c)),
    dt.datetime: Shape("datetime", _datetime_parts, _make_datetime),
    dt.time: Shape("time", lambda v: (v.hour, v.minute, v.second, v.microsecond, v.fold, v.tzinfo), _make_time),
    dt.timedelta: Shape("timedelta", lambda v: (v.days, v.seconds, v.microseconds), lambda c: dt.timedelta(*c)),
    dt.timezone: Shape("timezone", _timezone_parts, lambda c: dt.timezone(*c)),
    UUID: Shape("uuid", _uuid_parts, _make_uuid),
    range: Shape("range", lambda v: (v.start, v.stop, v.step), _make_range),
}
