"""An envelope at a limit is read; one that passes it is refused before its messages are looked at."""

from __future__ import annotations

import pytest

from stateflow.errors import MalformedBytes
from stateflow.limits import ENVELOPE_MESSAGES
from stateflow.protocol import steps
from stateflow.protocol.steps import Answer, Envelope, Restart, decode_envelope, encode_envelope

ENVELOPE = Envelope("place-1", "client", 1, 0, (Answer("r-1", b"x" * 500, False),))


def of_messages(count: int) -> Envelope:
    return Envelope("place-1", "place-2", 7, 0, (Restart("r", 1),) * count)


@pytest.mark.parametrize("room", [1, 0])
def test_envelope_of_the_largest_size_is_read(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode_envelope(ENVELOPE)
    monkeypatch.setattr(steps, "ENVELOPE_BYTES", len(data) + room)
    assert decode_envelope(data) == ENVELOPE


def test_envelope_of_one_byte_more_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode_envelope(ENVELOPE)
    monkeypatch.setattr(steps, "ENVELOPE_BYTES", len(data) - 1)
    with pytest.raises(MalformedBytes, match=f"SF511: an envelope of {len(data)} bytes; at most {len(data) - 1} are read"):
        decode_envelope(data)


@pytest.mark.parametrize("count", [ENVELOPE_MESSAGES - 1, ENVELOPE_MESSAGES])
def test_envelope_of_the_most_messages_is_read(count: int) -> None:
    assert len(decode_envelope(encode_envelope(of_messages(count))).messages) == count


def test_envelope_of_one_message_more_is_refused() -> None:
    with pytest.raises(MalformedBytes, match=f"SF511: an envelope of {ENVELOPE_MESSAGES + 1} messages"):
        decode_envelope(encode_envelope(of_messages(ENVELOPE_MESSAGES + 1)))
