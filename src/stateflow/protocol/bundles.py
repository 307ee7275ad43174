"""Several envelopes for one place or client in one record of a log.

On a log the record is what costs, so an engine with much to do puts what several steps say to a place into one. Which envelopes share a
record may depend on time: each keeps its number and its bytes, and a receiver that has had one drops it, in whatever record it comes again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from msgspec import Struct

from stateflow.limits import RECORD_ENVELOPE_BYTES
from stateflow.protocol.steps import BUNDLE, read_outside

__all__ = ["Sending", "bundled", "decode_sendings", "encode_sendings", "envelopes_of"]

Sending = tuple[str, bytes]
"""What is to be sent: the place or client that it is for, and an envelope, or a record of several."""


class _Bundle(Struct, frozen=True, array_like=True, gc=False):
    """Envelopes of one source for one target; it begins as an `Envelope` does, so `read_outside` reads both."""

    source: str
    target: str
    envelopes: tuple[bytes, ...]


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(tuple[int, _Bundle]).decode
_decode_sendings: Final = msgspec.msgpack.Decoder(list[Sending]).decode
_BEGINNING: Final = _encode((BUNDLE, None))[:2]
_PART_BYTES: Final = 8
"""What an envelope takes in a record beside its own bytes, at most."""


def envelopes_of(data: bytes) -> tuple[bytes, ...]:
    """Return the envelopes that are in a record, in their order. Other bytes, and a record of none, are returned as they are."""
    if data[:2] != _BEGINNING:
        return (data,)
    try:
        return _decode(data)[1].envelopes or (data,)
    except (ValueError, RecursionError):
        return (data,)


def bundled(sent: Iterable[Sending], record_bytes: int = RECORD_ENVELOPE_BYTES) -> Iterator[Sending]:
    """Put what goes to the same place or client into one record, or into as few as hold it.

    Args:
        sent: envelopes of one place, in their order.
        record_bytes: the size of the largest record. An envelope of that size has one for itself.
    """
    queues: dict[str, list[bytes]] = {}
    for target, data in sent:
        queues.setdefault(target, []).append(data)
    for target, envelopes in queues.items():
        if len(envelopes) == 1:
            yield target, envelopes[0]
        else:
            for part in _parts(envelopes, record_bytes):
                yield target, _record(target, part)


def encode_sendings(sent: Iterable[Sending]) -> bytes:
    """Return what is still to be sent as bytes."""
    return _encode(list(sent))


def decode_sendings(data: bytes) -> list[Sending]:
    """Return what `encode_sendings` wrote."""
    return _decode_sendings(data)


def _parts(envelopes: list[bytes], record_bytes: int) -> Iterator[list[bytes]]:
    part: list[bytes] = []
    room = record_bytes
    for data in envelopes:
        if part and len(data) + _PART_BYTES > room:
            yield part
            part, room = [], record_bytes
        part.append(data)
        room -= len(data) + _PART_BYTES
    yield part


def _record(target: str, envelopes: list[bytes]) -> bytes:
    if len(envelopes) == 1:
        return envelopes[0]
    return _encode((BUNDLE, _Bundle(read_outside(envelopes[0]).source, target, tuple(envelopes))))
