"""Reading keys from their bytes; `stateflow.protocol.keys` says how they are written."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["KeyReader", "MemberName"]

END: Final = b"\x00"
ESCAPED_ZERO: Final = b"\x00\xff"
LONG_INT: Final = 0x7F
INSTANT_BYTES: Final = 8
INSTANT_ZERO: Final = 1 << 63
TIME_BYTES: Final = 5
DATE_BYTES: Final = 3
EPOCH: Final = dt.datetime(1, 1, 1)
MICROSECOND: Final = dt.timedelta(microseconds=1)
_FARTHEST = dt.timedelta(hours=23, minutes=59)


class MemberName(NamedTuple):
    """A member of an enum class, by names: what `read_key` gives, which knows no classes."""

    enum: str
    member: str


class KeyReader:
    """Reads keys that stand one after the other in bytes."""

    def __init__(self, data: bytes, member: Callable[[str, str], Any]) -> None:
        self._data = data
        self._at = 0
        self._member = member

    def read(self, nesting: int) -> Any:
        """Return the next key."""
        match self._take(1):
            case b"s":
                return self._text()
            case b"i":
                return self._integer()
            case b"?":
                return {b"\x00": False, b"\x01": True}[self._take(1)]
            case b"b":
                return self._ended()
            case b"u":
                return UUID(bytes=self._take(16))
            case b"d":
                return dt.date.fromordinal(self._number(DATE_BYTES))
            case b"D":
                return self._datetime()
            case b"t":
                return (EPOCH + MICROSECOND * self._number(TIME_BYTES)).time()
            case b"e":
                cls, _, name = self._text().rpartition(":")
                return self._member(cls, name)
            case b"(":
                return self._tuple(nesting)
            case letter:
                raise ValueError(f"no key begins with {letter!r}")

    def _take(self, count: int) -> bytes:
        start, self._at = self._at, self._at + count
        if self._at > len(self._data):
            raise ValueError("cut off")
        return self._data[start : self._at]

    def _number(self, count: int) -> int:
        return int.from_bytes(self._take(count))

    def _ended(self) -> bytes:
        start = self._at
        while True:
            end = self._data.index(END, self._at)
            self._at = end + 1
            if self._data[end + 1 : end + 2] != ESCAPED_ZERO[1:]:
                return self._data[start:end].replace(ESCAPED_ZERO, END)

    def _text(self) -> str:
        return self._ended().decode("utf-8", "surrogatepass")

    def _integer(self) -> int:
        head = self._number(1)
        if head == 0xFF:
            return self._number(self._number(2))
        if head >= 0x80:
            return self._number(head - 0x80)
        length = 0xFFFF - self._number(2) if head == 0x01 else 0x80 - head
        return self._number(length) - (1 << 8 * length) + 1

    def _datetime(self) -> dt.datetime:
        zone = self._take(1)
        since_epoch = MICROSECOND * (self._number(INSTANT_BYTES) - INSTANT_ZERO)
        if zone == b"-":
            return EPOCH + since_epoch
        for offset in (dt.timedelta(0), _FARTHEST, -_FARTHEST):
            # Some instants have no date in UTC: those of the calendar's first and last hours elsewhere.
            with contextlib.suppress(OverflowError):
                return (EPOCH + (since_epoch + offset)).replace(tzinfo=dt.timezone(offset))
        raise ValueError("beyond the calendar")

    def _tuple(self, nesting: int) -> tuple[Any, ...]:
        if nesting == 0:
            raise ValueError("nested too deep")
        parts = []
        while self._data[self._at : self._at + 1] != END:
            parts.append(self.read(nesting - 1))
        self._at += 1
        return tuple(parts)
