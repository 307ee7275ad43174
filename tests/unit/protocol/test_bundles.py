"""A record of several envelopes gives back what was put in, and no bytes make it fail."""

from __future__ import annotations

import pytest

from stateflow.errors import MalformedBytes
from stateflow.protocol.bundles import bundled, decode_sendings, encode_sendings, envelopes_of
from stateflow.protocol.steps import Envelope, Outside, Restart, decode_envelope, encode_envelope, read_outside


def _envelope(target: str, number: int) -> bytes:
    return encode_envelope(Envelope("0", target, number, 0, (Restart(f"r{number}", 1),)))


SENT = [(target, _envelope(target, number)) for number, target in enumerate(["1", "2", "1", "client.0.a", "1"], 1)]


def test_envelopes_for_one_place_share_a_record_in_their_order() -> None:
    records = dict(bundled(SENT))
    assert {target: envelopes_of(record) for target, record in records.items()} == {
        "1": (SENT[0][1], SENT[2][1], SENT[4][1]),
        "2": (SENT[1][1],),
        "client.0.a": (SENT[3][1],),
    }
    assert records["2"] == SENT[1][1], "one alone is its own record, which former versions read too"


def test_outside_of_a_record_is_read_as_that_of_an_envelope() -> None:
    assert {target: read_outside(record) for target, record in bundled(SENT)} == {
        target: Outside("0", target) for target in ("1", "2", "client.0.a")
    }


@pytest.mark.parametrize("record_bytes", [1, 40, 80, 100, 1000])
def test_records_are_no_larger_than_one_may_be_and_lose_nothing(record_bytes: int) -> None:
    sent = [("1", _envelope("1", number)) for number in range(1, 30)]
    records = [record for _, record in bundled(sent, record_bytes)]
    assert [each for record in records for each in envelopes_of(record)] == [data for _, data in sent]
    assert all(len(envelopes_of(record)) == 1 or len(record) <= record_bytes + 32 for record in records)


@pytest.mark.parametrize("data", [b"", b"\x92", b"\x92\x02", b"\x92\x02\x93\xa10\xa11", b"\x92\x02\x93\xa10\xa11\x91\x05", SENT[0][1]])
def test_bytes_that_are_no_record_of_several_are_one(data: bytes) -> None:
    assert envelopes_of(data) == (data,)


def test_record_of_no_envelopes_is_one_that_is_refused() -> None:
    data = b"\x92\x02\x93\xa10\xa11\x90"
    assert read_outside(data) == Outside("0", "1")
    assert envelopes_of(data) == (data,)
    with pytest.raises(MalformedBytes):
        decode_envelope(data)


def test_what_is_still_to_be_sent_is_kept_as_it_is() -> None:
    assert decode_sendings(encode_sendings(SENT)) == SENT
