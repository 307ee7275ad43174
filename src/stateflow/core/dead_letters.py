"""What a place could not handle, with the reason, for people to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from stateflow.limits import DEAD_LETTER_BYTES, DEAD_LETTERS

if TYPE_CHECKING:
    from stateflow.core.records import Changes

__all__ = ["LETTER_PREFIX", "DeadLetter", "DeadLetters", "decode_letter", "encode_letter"]

LETTER_PREFIX: Final = "dead/"
"""Begins the keys under which dead letters are kept."""


class DeadLetter(Struct, frozen=True, array_like=True):
    """One of them.

    Attributes:
        number: counts the dead letters of a place, from 1.
        time_ns: when the envelope was written, in nanoseconds since 1970.
        source: who sent it, as far as that can be told.
        reason: why it could not be handled.
        data: the beginning of its bytes.
    """

    number: int
    time_ns: int
    source: str
    reason: str
    data: bytes


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(DeadLetter).decode


def encode_letter(letter: DeadLetter) -> bytes:
    """Return a dead letter as bytes."""
    return _encode(letter)


def decode_letter(data: bytes) -> DeadLetter:
    """Return the dead letter that `encode_letter` wrote."""
    return _decode(data)


_decode_count = msgspec.msgpack.Decoder(int).decode


class DeadLetters:
    """The last dead letters of one place, under `dead/` and a number; the oldest gives way.

    Args:
        changes: where they are kept.
    """

    def __init__(self, changes: Changes) -> None:
        self._changes = changes

    def __len__(self) -> int:
        """Return how many there were, those that gave way included."""
        data = self._changes.get("dead")
        return 0 if data is None else _decode_count(data)

    def add(self, time_ns: int, source: str, reason: str, data: bytes) -> None:
        """Keep one."""
        number = len(self) + 1
        # Names from outside may be as long as the envelope.
        letter = DeadLetter(number, time_ns, source[:DEAD_LETTER_BYTES], reason[:DEAD_LETTER_BYTES], data[:DEAD_LETTER_BYTES])
        self._changes.put("dead", _encode(number))
        self._changes.put(f"{LETTER_PREFIX}{number % DEAD_LETTERS}", _encode(letter))

    def all(self) -> list[DeadLetter]:
        """Return those that are kept, the oldest first."""
        count = len(self)
        kept = range(max(1, count - DEAD_LETTERS + 1), count + 1)
        found = [self._changes.get(f"{LETTER_PREFIX}{number % DEAD_LETTERS}") for number in kept]
        return [_decode(data) for data in found if data is not None]
