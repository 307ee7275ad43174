"""A message that no envelope of the engine could take ends its transaction for its client, and the places go on."""

from __future__ import annotations

from typing import Any

import pytest

import stateflow
from stateflow.core.machine import Machine
from stateflow.core.placement import PartitionPlacement
from stateflow.core.records import put_changes
from stateflow.limits import NAME_BYTES, OUTSIDE_BYTES
from stateflow.protocol.client_values import ClientValues
from stateflow.protocol.messages import Operation, Request
from stateflow.protocol.steps import Answer, Commit, Envelope, Move, Start, WriteBack, decode_envelope, encode_envelope, size_of
from stateflow.references import ReferenceTable

ROOM_BYTES = 20_000
ENVELOPE_BYTES = ROOM_BYTES + OUTSIDE_BYTES


class TooLong(Exception):
    pass


@stateflow.entity
class Shelf:
    def __init__(self, name: str) -> None:
        self.name, self.text, self.count = name, "", 0

    def __key__(self) -> str:
        return self.name

    def write(self, length: int) -> int:
        self.text = "x" * length
        return length

    def read(self, length: int) -> str:
        self.count += 1
        return "x" * length

    def fail(self, length: int) -> None:
        self.count += 1
        raise TooLong("x" * length)

    def pass_on(self, other: Shelf, length: int) -> int:
        self.count += 1
        return other.take("x" * length)

    def take(self, text: str) -> int:
        self.count += 1
        return len(text)

    def carry(self, other: Shelf, length: int) -> int:
        self.text = "x" * length
        return other.take("")

    def grow(self, other: Shelf, length: int) -> int:
        other.take("")
        self.text = "x" * length
        return length

    def visit(self, other: Shelf, mine: Shelf, its: Shelf, length: int) -> int:
        other.grow(mine, length)
        return its.take("")


FLOW = stateflow.init(Shelf)


class _Pair:
    """Two places over dicts, whose envelopes are delivered in the order in which they were sent; all that was received is kept."""

    def __init__(self, **options: Any) -> None:
        self.placement = PartitionPlacement(2)
        self.records: dict[str, dict[str, bytes]] = {"0": {}, "1": {}}
        self.options = {"envelope_bytes": ENVELOPE_BYTES, **options}
        self.machines = {name: self._machine(name) for name in self.records}
        self.received: list[tuple[str, bytes]] = []
        self.sent: list[tuple[str, bytes]] = []
        self.values = ClientValues(FLOW, ReferenceTable(FLOW.reference_types, None), "client")  # type: ignore[arg-type]
        self.references = ReferenceTable(FLOW.reference_types, None)  # type: ignore[arg-type]
        keys = [[key for key in "abcdefghijkl" if self.placement.home(Shelf, key) == place][:2] for place in ("0", "1")]
        self.keys = dict(zip(("near", "its", "far", "mine"), (*keys[0], *keys[1]), strict=True))
        for name, key in self.keys.items():
            self.ask(f"create {name}", None, "", key)

    def _machine(self, name: str) -> Machine:
        return Machine(FLOW, name, self.placement, self.records[name], **self.options)

    def receive(self, place: str, data: bytes) -> list[tuple[str, bytes]]:
        self.received.append((place, data))
        out = self.machines[place].receive(data, 1)
        put_changes(self.records[place], self.machines[place].take_changes())
        self.sent += out
        return out

    def ask(self, request_id: str, key: str | None, name: str, *args: Any) -> Any:
        """Send a request, deliver all that comes of it, and return the value or the exception of its reply."""
        operation = Operation.CALL if name else Operation.CREATE
        request = Request(request_id=request_id, time_ns=1, operation=operation, class_name="Shelf", key=key, name=name, args=args)
        place = self.placement.start(Shelf, key, request_id)
        waiting = [(place, encode_envelope(Envelope("client", place, 0, 0, (self.values.write(request),))))]
        answers = []
        while waiting:
            target, data = waiting.pop(0)
            if target == "client":
                answers += decode_envelope(data).messages
            else:
                waiting += self.receive(target, data)
        (reply,) = map(self.values.read, answers)
        return reply.value if reply.error is None else reply.error

    def call(self, request_id: str, path: str, length: int) -> Any:
        """Call a method: `near.carry far` is that of the near entity, with the far one as its first argument."""
        method, *others = path.split()
        entity, _, name = method.partition(".")
        return self.ask(request_id, self.keys[entity], name, *(self.references.get(Shelf, self.keys[other]) for other in others), length)


def _entities(pair: _Pair) -> list[dict[str, bytes]]:
    return [{key: data for key, data in records.items() if key.startswith("e/")} for records in pair.records.values()]


def _largest(pair: _Pair) -> tuple[int, type]:
    """Return the size of the largest message that was sent, and what it was."""
    messages = [message for _, data in pair.sent for message in decode_envelope(data).messages]
    return max(((size_of(message), type(message)) for message in messages), key=lambda pair: pair[0])


def _longest(path: str) -> int:
    """Return the greatest length for which a method still ends as it would anywhere."""
    fits, excess = 0, 2 * ROOM_BYTES
    while excess - fits > 1:
        length = (fits + excess) // 2
        if isinstance(_Pair().call("r", path, length), stateflow.LimitExceeded):
            excess = length
        else:
            fits = length
    return fits


CASES = [
    ("near.read", Answer),
    ("near.fail", Answer),
    ("near.pass_on far", Move),
    ("near.carry far", Move),
    ("near.grow far", Commit),
    ("far.visit near mine its", WriteBack),
]


@pytest.mark.parametrize(("path", "kind"), CASES, ids=[path for path, _ in CASES])
def test_message_of_the_largest_size_goes_and_one_byte_more_ends_its_transaction(path: str, kind: type) -> None:
    length = _longest(path)
    pair = _Pair()
    assert not isinstance(pair.call("r", path, length), stateflow.LimitExceeded)
    size, found = _largest(pair)
    assert size == ROOM_BYTES
    assert found is kind
    pair = _Pair()
    before = _entities(pair)
    error = pair.call("r", path, length + 1)
    assert isinstance(error, stateflow.LimitExceeded)
    assert f"take{'s' if kind is Answer else ''} {ROOM_BYTES + 1} bytes, more than the {ROOM_BYTES} that one message may take" in str(error)
    assert _entities(pair) == before
    assert _largest(pair)[0] < ROOM_BYTES
    assert [machine.place.under_way() for machine in pair.machines.values()] == ["", ""]
    assert [len(machine.dead_letters) for machine in pair.machines.values()] == [0, 0]


@pytest.mark.parametrize("park_bytes", [0, ROOM_BYTES * 9])
@pytest.mark.parametrize("path", [path for path, kind in CASES if kind is not Answer])
def test_parked_frames_and_what_other_places_changed_are_undone(path: str, park_bytes: int) -> None:
    pair = _Pair(park_bytes=park_bytes)
    before = _entities(pair)
    reply = pair.call("r", path, 2 * ROOM_BYTES)
    if isinstance(reply, stateflow.LimitExceeded):
        assert _entities(pair) == before
    else:
        # The large part never left its place.
        assert park_bytes == 0
        assert _largest(pair)[0] < ROOM_BYTES
    assert not any(key.startswith(("f/", "v/", "t/", "l/", "r/")) for records in pair.records.values() for key in records)
    assert pair.call("after", "near.pass_on far", 10) == 10


def test_repeat_gets_the_same_refusal() -> None:
    pair = _Pair()
    first, again = (pair.call("r", "near.read", 2 * ROOM_BYTES) for _ in range(2))
    assert isinstance(first, stateflow.LimitExceeded)
    assert str(again) == str(first)


def test_replay_sends_the_same_bytes() -> None:
    pair = _Pair(park_bytes=0)
    for number, (path, _) in enumerate(CASES):
        for length in (100, 2 * ROOM_BYTES):
            pair.call(f"r{number}.{length}", path, length)
    for place in pair.records:
        records: dict[str, bytes] = {}
        again = Machine(FLOW, place, pair.placement, records, **pair.options)
        sent = []
        for target, data in pair.received:
            if target == place:
                sent += again.receive(data, 1)
                put_changes(records, again.take_changes())
        assert sent == [(to, data) for to, data in pair.sent if decode_envelope(data).source == place]
        assert records == pair.records[place]


def test_refusal_of_a_request_with_a_long_name_fits() -> None:
    pair = _Pair()
    error = pair.ask("r", pair.keys["near"], "n" * 2 * ROOM_BYTES)
    assert isinstance(error, stateflow.LimitExceeded)


@pytest.mark.parametrize(("length", "is_taken"), [(NAME_BYTES, True), (NAME_BYTES + 1, False)])
def test_request_with_a_longer_id_than_any_is_a_dead_letter(length: int, is_taken: bool) -> None:
    pair = _Pair()
    start = Start("r" * length, 1, "call", "Shelf", "read", b"", "client")
    out = pair.receive("0", encode_envelope(Envelope("client", "0", 0, 0, (start,))))
    assert bool(out) == is_taken
    letters = pair.machines["0"].dead_letters.all()
    assert [f"longer than {NAME_BYTES} bytes" in letter.reason for letter in letters] == ([] if is_taken else [True])


def test_dead_letter_is_small_whatever_was_sent() -> None:
    pair = _Pair()
    name = "n" * 10_000_000
    pair.receive("0", encode_envelope(Envelope(name, "1" + name, 0, 0, ())))
    (key,) = (key for key in pair.records["0"] if key.startswith("dead/"))
    assert len(pair.records["0"][key]) < 10_000
