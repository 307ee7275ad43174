"""The ledger of a place keeps replies in blocks, and answers as one would that keeps each by itself."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import stateflow
from stateflow.core import answered
from stateflow.core.answered import Answered, block_of
from stateflow.core.records import Changes, put_changes
from stateflow.core.saved import Head
from stateflow.errors import RequestExpired, RequestIdReused
from stateflow.limits import BLOCK_REPLY_BYTES, LEDGER_BLOCKS
from stateflow.protocol.messages import Operation, Request
from stateflow.protocol.steps import Answer


@stateflow.entity
class Jar:
    def __init__(self, name: str) -> None:
        self.name = name

    def __key__(self) -> str:
        return self.name


FLOW = stateflow.init(Jar)
DIGEST = 7


def _request(request_id: str, time_ns: int = 1) -> Request:
    return Request(request_id=request_id, time_ns=time_ns, operation=Operation.CALL, class_name="Jar", key="a", name="add")


class _Place:
    """A ledger over a dict; `renews`: made anew from its records before each step."""

    def __init__(self, renews: bool = False) -> None:
        self.records: dict[str, bytes] = {}
        self.reads: list[str] = []
        self._renews = renews
        self.head = Head()
        self._open()

    def _open(self) -> None:
        self._changes = Changes(self)
        self.ledger = Answered(self._changes, self.head, FLOW)

    def get(self, key: str) -> bytes | None:
        self.reads.append(key)
        return self.records.get(key)

    def step(self, now_ns: int, *ended: tuple[str, bytes, int]) -> dict[str, bytes | None]:
        """End requests in one step; return what it wrote."""
        if self._renews:
            self.head = msgspec.msgpack.decode(msgspec.msgpack.encode(self.head), type=Head)
            self._open()
        self.head.now_ns = now_ns
        for request_id, value, time_ns in ended:
            assert self.ledger.find(_request(request_id, 1 << 62), DIGEST) is None
            self.ledger.add(Answer(request_id, value, False), time_ns, DIGEST)
        self.ledger.flush()
        changes = self._changes.take()
        put_changes(self.records, changes)
        return changes

    def find(self, request_id: str, time_ns: int) -> bytes | type[Exception] | None:
        try:
            found = self.ledger.find(_request(request_id, time_ns), DIGEST)
        except RequestExpired:
            return RequestExpired
        return None if found is None else found.value


@dataclass
class _Model:
    """The same with a dict that has each reply by itself."""

    requests: int
    bytes: int
    age_ns: int
    replies: dict[str, bytes] = field(default_factory=dict)
    steps: deque[tuple[int, list[tuple[str, int, int]]]] = field(default_factory=deque)
    horizon_ns: int = -1

    def step(self, now_ns: int, *ended: tuple[str, bytes, int]) -> None:
        if ended:
            self.steps.append((now_ns, [(name, time_ns, _size(name, value)) for name, value, time_ns in ended]))
            self.replies.update({name: value for name, value, _ in ended})
        while self.steps and self._is_too_much(now_ns):
            for name, time_ns, _ in self.steps.popleft()[1]:
                del self.replies[name]
                self.horizon_ns = max(self.horizon_ns, time_ns)

    def _is_too_much(self, now_ns: int) -> bool:
        taken = sum(size for _, ended in self.steps for _, _, size in ended)
        return len(self.replies) > self.requests or taken > self.bytes or now_ns - self.steps[0][0] > self.age_ns

    def find(self, request_id: str, time_ns: int) -> bytes | type[Exception] | None:
        if request_id in self.replies:
            return self.replies[request_id]
        return RequestExpired if time_ns <= self.horizon_ns else None


def _size(request_id: str, value: bytes) -> int:
    block, _ = block_of(request_id)
    return len(msgspec.msgpack.encode((DIGEST, value, False))) + len(block.encode()) + answered._ENTRY_BYTES


IDS = st.one_of(
    st.builds("{}-{}".format, st.sampled_from(["c", "d", "é"]), st.integers(0, 230)),
    st.sampled_from(["", "x", "x5", "x05", "x55", "5", "55", "order 5", "٣", "x٣", "-", "k/x"]),
)
VALUES = st.sampled_from([b"", b"v", b"w" * 100, b"L" * (BLOCK_REPLY_BYTES + 1), b"M" * 2000])
STEPS = st.lists(
    st.tuples(st.integers(0, 40), st.lists(st.tuples(IDS, VALUES, st.integers(0, 99)), max_size=12, unique_by=lambda each: each[0])),
    max_size=40,
)
BOUNDS = st.sampled_from([(30, 10**9, 10**9), (10**9, 1500, 10**9), (10**9, 10**9, 90), (0, 10**9, 10**9), (15, 3000, 300)])
"""Requests, bytes and age."""


@given(STEPS, BOUNDS, st.integers(1, 3))
def test_it_answers_as_one_that_keeps_each_reply_by_itself(
    steps: list[tuple[int, list[tuple[str, bytes, int]]]], bounds: tuple[int, int, int], blocks: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answered, "LEDGER_BLOCKS", blocks)
        for name, bound in zip(("requests", "bytes", "age_ns"), bounds, strict=True):
            patch.setattr(Answered, name, bound)
        place, renewed, model = _Place(), _Place(renews=True), _Model(*bounds)
        now_ns, asked = 0, set()
        for passed_ns, ended in steps:
            now_ns += passed_ns
            fresh = [each for each in ended if each[0] not in model.replies]
            asked |= {each[0] for each in ended}
            model.step(now_ns, *fresh)
            assert place.step(now_ns, *fresh) == renewed.step(now_ns, *fresh)
            assert list(place.records.items()) == list(renewed.records.items())
            for name in sorted(asked):
                assert [place.find(name, time_ns) for time_ns in (0, 50, 100)] == [model.find(name, time_ns) for time_ns in (0, 50, 100)]
            assert place.head.answers == len(model.replies)
            assert place.head.horizon_ns == model.horizon_ns
        assert len(place.records) <= 2 * len(model.replies) + len(model.steps)
        _check_kept(place, set(model.replies))


def _check_kept(place: _Place, expected: set[str]) -> None:
    """Compare what the records hold, with nothing beside it."""
    blocks = {key[2:]: msgspec.msgpack.decode(data, type=dict[str, bytes]) for key, data in place.records.items() if key.startswith("a/")}
    assert all(blocks.values())
    assert {name + entry for name, block in blocks.items() for entry in block} == expected
    large = {name + entry for name, block in blocks.items() for entry, data in block.items() if not data}
    assert {key[2:] for key in place.records if key.startswith("k/")} == large


@given(st.text(max_size=6), st.text(max_size=6))
def test_two_ids_have_two_entries(one: str, other: str) -> None:
    assert "".join(block_of(one)) == one
    assert (block_of(one) == block_of(other)) == (one == other)


def test_ids_of_a_client_share_blocks_and_others_have_their_own() -> None:
    assert block_of("c0ffee-1234") == ("c0ffee-12", "34")
    assert block_of("c0ffee-7") == ("c0ffee-", "7")
    assert block_of("order of ann") == ("order of ann", "")
    assert len({block_of(f"c-{number}")[0] for number in range(1000)}) == 10


def test_requests_of_one_client_read_once_a_block_and_write_it_once_a_step() -> None:
    place = _Place()
    for first in range(100, 200, 25):
        changes = place.step(1, *((f"c-{number}", b"v", 1) for number in range(first, first + 25)))
        assert set(changes) == {"a/c-1", f"o/{first // 25 - 3}"}
    assert place.reads == ["a/c-1"]


def test_block_is_removed_with_its_last_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answered, "requests", 10)
    place = _Place()
    removed = [key for number in range(300) for key, data in place.step(1, (f"c-{number}", b"v", 1)).items() if data is None]
    assert [key for key in removed if key.startswith("a/")] == ["a/c-", "a/c-1"]
    assert set(place.records) == {"a/c-2", *(f"o/{number}" for number in range(291, 301))}


def test_large_reply_is_not_written_again_with_its_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answered, "requests", 2)
    place = _Place()
    large = b"L" * BLOCK_REPLY_BYTES
    assert set(place.step(1, ("c-10", large, 1))) == {"a/c-", "k/c-10", "o/1"}
    changes = place.step(1, ("c-11", b"v", 1))
    assert set(changes) == {"a/c-", "o/2"}
    assert len(changes["a/c-"] or b"") < 30
    assert place.find("c-10", 1) == large
    assert place.step(1, ("c-12", b"v", 1))["k/c-10"] is None
    assert place.find("c-10", 1) is RequestExpired


def test_id_of_a_forgotten_request_may_come_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answered, "requests", 1)
    place = _Place()
    place.step(1, ("c-1", b"v", 5))
    place.step(1, ("c-2", b"v", 6))
    assert place.find("c-1", 5) is RequestExpired
    assert place.find("c-1", 6) is None
    place.step(1, ("c-1", b"w", 7))
    assert place.find("c-1", 5) == b"w"
    assert place.find("c-2", 6) is RequestExpired


def test_another_request_with_the_id_of_one_in_the_block_is_refused() -> None:
    place = _Place()
    place.step(1, ("c-1", b"v", 5), ("c-2", b"L" * 1000, 5))
    for name in ("c-1", "c-2"):
        with pytest.raises(RequestIdReused):
            place.ledger.find(_request(name, 5), DIGEST + 1)


def test_blocks_in_memory_are_bounded() -> None:
    place = _Place()
    for number in range(3 * LEDGER_BLOCKS):
        place.step(1, (f"client {number} -1", b"v", 1))
    assert len(place.ledger._blocks) == LEDGER_BLOCKS
    place.reads.clear()
    place.step(1, (f"client {3 * LEDGER_BLOCKS - 1} -2", b"v", 1), ("client 0 -2", b"v", 1))
    assert place.reads == ["a/client 0 -"]
