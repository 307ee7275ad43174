"""The numbers of envelopes between places: repeats are dropped, gaps and replays that diverge are noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from stateflow.errors import PlaceStopped
from stateflow.limits import LINK_DIGESTS
from stateflow.protocol.steps import Envelope, digest_of, encode_envelope, is_too_large

if TYPE_CHECKING:
    from stateflow.core.records import Changes
    from stateflow.protocol.steps import Message

__all__ = ["Links"]

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(tuple[int, tuple[int, ...]]).decode


class Links:
    """The links of one place with the others. Clients have none: their envelopes carry number 0, and the ids of their requests do the same.

    A link has the number of its last envelope and, on both sides, the digest of that envelope. Each envelope holds the digest of the one
    before it, so the digests are a chain: a place that was restored and sends other envelopes than it did before its crash is found out
    with the first one that is new to the receiver, and with a repeat that is not the original while the receiver still has its digest.

    Args:
        name: the name of this place.
        changes: where the numbers are kept, under `in/` and `out/` and the name of the other place.
        envelope_bytes: the size of the largest envelope. One with a single message is as large as that.
    """

    def __init__(self, name: str, changes: Changes, envelope_bytes: int) -> None:
        self._name = name
        self._envelope_bytes = envelope_bytes
        self._changes = changes

    def accept(self, envelope: Envelope, data: bytes) -> bool:
        """Tell whether an envelope of another place is new; False for a repeat.

        Raises:
            PlaceStopped: envelopes before it are missing, or it is not what its sender sent before.
        """
        source, number = envelope.source, envelope.number
        last, digests = self._read("in/" + source)
        digest = digest_of(data)
        if number == last + 1 and envelope.previous == (digests[-1] if digests else 0):
            self._changes.put("in/" + source, _encode((number, (*digests, digest)[-LINK_DIGESTS:])))
            return True
        if number <= last:
            back = last - number
            if back < len(digests) and digests[-1 - back] != digest:
                raise PlaceStopped(self._name, f"{source} sent envelope {number} again with other bytes: its replay diverges")
            return False
        if number > last + 1:
            raise PlaceStopped(self._name, f"envelope {number} of {source} came after {last}: those between are lost")
        raise PlaceStopped(self._name, f"envelope {number} of {source} follows another {last} than came: its replay diverges")

    def write(self, target: str, messages: tuple[Message, ...]) -> list[bytes]:
        """Return the next envelope to another place as bytes; several when they would be too large for one."""
        last, digests = self._read("out/" + target)
        data = encode_envelope(Envelope(self._name, target, last + 1, digests[-1] if digests else 0, messages))
        if is_too_large(data, messages, self._envelope_bytes):
            half = len(messages) // 2
            return [*self.write(target, messages[:half]), *self.write(target, messages[half:])]
        self._changes.put("out/" + target, _encode((last + 1, (digest_of(data),))))
        return [data]

    def write_to_client(self, client: str, messages: tuple[Message, ...]) -> list[bytes]:
        """Return an envelope to a client as bytes; several when they would be too large for one."""
        data = encode_envelope(Envelope(self._name, client, 0, 0, messages))
        if is_too_large(data, messages, self._envelope_bytes):
            half = len(messages) // 2
            return [*self.write_to_client(client, messages[:half]), *self.write_to_client(client, messages[half:])]
        return [data]

    def _read(self, key: str) -> tuple[int, tuple[int, ...]]:
        data = self._changes.get(key)
        return (0, ()) if data is None else _decode(data)
