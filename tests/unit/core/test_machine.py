"""A machine takes each envelope once and in its turn, keeps what it cannot handle, and stops when it cannot know what it missed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import stateflow
from stateflow.core.answered import Answered
from stateflow.core.machine import Machine
from stateflow.core.place import Place
from stateflow.core.placement import PartitionPlacement
from stateflow.core.records import put_changes
from stateflow.core.saved import LAYOUT
from stateflow.errors import IncompatibleSchema, PlaceStopped, RequestExpired, RequestIdReused, RequestUnknown
from stateflow.limits import DEAD_LETTERS, LINK_DIGESTS, OUTSIDE_BYTES, UNLOADED_RECORDS
from stateflow.protocol import steps
from stateflow.protocol.bundles import bundled
from stateflow.protocol.client_values import ClientValues
from stateflow.protocol.keys import encode_key
from stateflow.protocol.messages import Operation, Request
from stateflow.protocol.steps import Abort, Answer, Commit, Envelope, Move, Restart, Start, decode_envelope, digest_of, encode_envelope
from stateflow.references import ReferenceTable


@stateflow.entity
class Jar:
    def __init__(self, name: str) -> None:
        self.name, self.coins, self.others = name, 0, []

    def __key__(self) -> str:
        return self.name

    def add(self, coins: int) -> int:
        self.coins += coins
        return self.coins

    def give(self, other: Jar) -> int:
        self.coins -= 1
        return other.add(1)

    def know(self, others: list[Jar]) -> int:
        self.others = others
        return len(others)


FLOW = stateflow.init(Jar)


class _Bench:
    """One machine over a dict, and a client that writes requests."""

    def __init__(self, partitions: int = 1, place: str = "0", machine_type: type[Machine] = Machine) -> None:
        self.records: dict[str, bytes] = {}
        self.placement = PartitionPlacement(partitions)
        self.place = place
        self.machine_type = machine_type
        self.machine = self.renew()
        self.references = ReferenceTable(FLOW.reference_types, None)  # type: ignore[arg-type]
        self.values = ClientValues(FLOW, self.references, "client")

    def renew(self) -> Machine:
        self.machine = self.machine_type(FLOW, self.place, self.placement, self.records)
        return self.machine

    def receive(self, data: bytes, now_ns: int = 1) -> list[tuple[str, bytes]]:
        out = self.machine.receive(data, now_ns)
        put_changes(self.records, self.machine.take_changes())
        return out

    def kept_ids(self) -> set[str]:
        """Return the ids of the requests whose replies the records have."""
        blocks = {key[2:]: msgspec.msgpack.decode(data) for key, data in self.records.items() if key.startswith("a/")}
        return {name + entry for name, block in blocks.items() for entry in block}

    def start(self, request_id: str, name: str, *args: Any, key: Any = "a", time_ns: int = 1) -> Start:
        operation = Operation.CALL if name else Operation.CREATE
        request = Request(
            request_id=request_id, time_ns=time_ns, operation=operation, class_name="Jar", key=key if name else None, name=name, args=args
        )
        return self.values.write(request)

    def ask(self, request_id: str, name: str, *args: Any, now_ns: int = 1, **kwargs: Any) -> Any:
        start = self.start(request_id, name, *args, **kwargs)
        ((client, data),) = self.receive(encode_envelope(Envelope("client", self.place, 0, 0, (start,))), now_ns)
        (answer,) = decode_envelope(data).messages
        assert client == "client"
        assert isinstance(answer, Answer)
        reply = self.values.read(answer)
        return reply.value if reply.error is None else reply.error

    def create(self, key: str) -> None:
        """Create an entity of this place; the id of a creation says where it begins."""
        self.ask(next(name for name in map(str, range(100)) if self.placement.start(Jar, None, name) == self.place), "", key)

    def reasons(self) -> list[str]:
        return [letter.reason for letter in self.renew().dead_letters.all()]


def _chain(source: str, target: str, count: int, *, mark: str = "r") -> list[bytes]:
    """Return the first envelopes from one place to another."""
    made: list[bytes] = []
    for number in range(1, count + 1):
        previous = digest_of(made[-1]) if made else 0
        made.append(encode_envelope(Envelope(source, target, number, previous, (Abort(f"{mark}{number}", 1),))))
    return made


def _record(envelopes: list[bytes]) -> bytes:
    ((_, record),) = bundled(("0", data) for data in envelopes)
    return record


@pytest.mark.parametrize("renews", [False, True])
def test_repeated_envelope_changes_nothing(renews: bool) -> None:
    bench = _Bench(2)
    for data in _chain("1", "0", 3):
        bench.receive(data)
    before = dict(bench.records)
    for data in _chain("1", "0", 3):
        if renews:
            bench.renew()
        assert bench.receive(data) == []
    assert bench.records == before


def test_record_of_several_envelopes_is_one_step_however_its_sender_gathers_them_when_it_repeats() -> None:
    bench, each = _Bench(2), _Bench(2)
    chain = _chain("1", "0", 6)
    bench.receive(_record(chain[:2]))
    bench.receive(chain[0])
    bench.receive(_record(chain[1:4]))
    bench.receive(_record(chain[3:]))
    before = dict(bench.records)
    assert bench.receive(_record(chain)) == []
    for data in chain:
        each.receive(data)
    assert bench.records == before == each.records


def test_record_of_several_envelopes_is_answered_by_one() -> None:
    bench = _Bench()
    bench.ask("r1", "", "a")
    asked = [encode_envelope(Envelope("client", "0", 0, 0, (bench.start(f"r{number}", "add", 1),))) for number in (2, 3, 4)]
    ((_, data),) = bench.receive(_record(asked))
    assert [bench.values.read(message).value for message in decode_envelope(data).messages if isinstance(message, Answer)] == [1, 2, 3]


def test_what_is_wrong_with_one_envelope_of_a_record_is_kept_and_the_others_are_handled() -> None:
    bench = _Bench(2)
    first, second, third = _chain("1", "0", 3)
    (stranger,) = _chain("1", "1", 1)
    bench.receive(_record([first, b"no envelope", second, stranger, third]))
    assert bench.reasons()[1] == "it is for 1, and this is 0"
    assert bench.reasons()[0].startswith("SF511: these bytes are not an envelope")
    assert bench.receive(third) == []


def test_gap_within_a_record_of_several_envelopes_leaves_nothing_of_it() -> None:
    bench = _Bench(2)
    first, second, third, fourth = _chain("1", "0", 4)
    bench.receive(first)
    before = dict(bench.records)
    with pytest.raises(PlaceStopped, match="envelope 4 of 1 came after 2"):
        bench.receive(_record([second, fourth]))
    assert bench.machine.take_changes() == {}
    assert bench.records == before
    bench.renew()
    bench.receive(_record([second, third, fourth]))


@pytest.mark.pure
def test_step_over_several_envelopes_undoes_only_what_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = _Bench()
    bench.ask("r1", "", "a")
    original = Place._end

    def fail(self: Place, tx: Any, value: Any, error: BaseException | None) -> None:
        if tx.header.request_id.startswith("bad"):
            raise RuntimeError("a bug")
        original(self, tx, value, error)

    monkeypatch.setattr(Place, "_end", fail)
    asked = [("r2", "bad1"), ("r3",), ("bad2", "r4")]
    starts = [tuple(bench.start(request_id, "add", 1) for request_id in ids) for ids in asked]
    ((_, data),) = bench.receive(_record([encode_envelope(Envelope("client", "0", 0, 0, each)) for each in starts]))
    replies = {message.request_id: bench.values.read(message) for message in decode_envelope(data).messages if isinstance(message, Answer)}
    assert [replies[name].value for name in ("r2", "r3", "r4")] == [1, 2, 3]
    assert [str(replies[name].error) for name in ("bad1", "bad2")] == ["a bug", "a bug"]


def test_gap_stops_the_place_and_all_that_comes_later_is_refused() -> None:
    bench = _Bench(2)
    first, second, third = _chain("1", "0", 3)
    bench.receive(first)
    before = dict(bench.records)
    with pytest.raises(PlaceStopped, match="SF580: place 0 has stopped: envelope 3 of 1 came after 1: those between are lost"):
        bench.receive(third)
    with pytest.raises(PlaceStopped, match="came after 1"):
        bench.receive(second)
    assert bench.records == before
    assert bench.machine.take_changes() == {}
    bench.renew()
    bench.receive(second)
    bench.receive(third)


def test_repeat_with_other_bytes_is_a_replay_that_diverges() -> None:
    bench = _Bench(2)
    for data in _chain("1", "0", 3):
        bench.receive(data)
    with pytest.raises(PlaceStopped, match="1 sent envelope 2 again with other bytes: its replay diverges"):
        bench.receive(_chain("1", "0", 3, mark="q")[1])


def test_diverging_replay_of_long_ago_is_noticed_with_the_first_new_envelope() -> None:
    bench = _Bench(2)
    count = 3 * LINK_DIGESTS
    for data in _chain("1", "0", count):
        bench.receive(data)
    other = _chain("1", "0", count + 1, mark="q")
    assert bench.receive(other[0]) == []
    with pytest.raises(PlaceStopped, match=f"envelope {count + 1} of 1 follows another {count} than came"):
        bench.receive(other[count])


@pytest.mark.parametrize(
    ("envelope", "reason"),
    [
        (Envelope("client", "1", 0, 0, ()), "it is for 1, and this is 0"),
        (Envelope("client", "0", 3, 0, ()), "client is no place, and its envelope has a number"),
        (Envelope("1", "0", 0, 0, ()), "1 is a place, and its envelope has no number"),
        (Envelope("1", "0", -1, 0, ()), "1 is a place, and its envelope has no number"),
        (Envelope("client", "0", 0, 0, (Commit("r", 1),)), "commit r#1: a client sends requests only"),
        (Envelope("client", "0", 0, 0, (Restart("r", 1),)), "restart r#1: a client sends requests only"),
        (Envelope("1", "0", 1, 0, (Answer("r", b"", False),)), "answer r: answers are for clients"),
        (Envelope("1", "0", 1, 0, (Start("r", 1, "create", "Jar", "", b"", "1"),)), "start r create Jar.: a place does not send requests"),
        (Envelope("client", "0", 0, 0, (Start("r", 1, "create", "Jar", "", b"", "me"),)), "start r create Jar.: client asks for me"),
    ],
)
def test_what_may_not_come_is_kept_as_a_dead_letter_with_its_reason(envelope: Envelope, reason: str) -> None:
    bench = _Bench(2)
    assert bench.receive(encode_envelope(envelope)) == []
    assert bench.reasons() == [reason]


def test_bytes_that_are_no_envelope_are_dead_letters_and_others_go_on() -> None:
    bench = _Bench()
    good = encode_envelope(Envelope("client", "0", 0, 0, (bench.start("r0", "", "a"),)))
    for length in range(len(good)):
        assert bench.receive(good[:length]) == []
    assert len(bench.machine.dead_letters) == len(good)
    assert len(bench.reasons()) == min(DEAD_LETTERS, len(good))
    assert all(reason.startswith("SF511") for reason in bench.reasons())
    bench.ask("r1", "", "a")
    assert bench.ask("r2", "add", 3) == 3


def test_numbers_go_on_after_a_message_that_could_not_be_handled() -> None:
    bench = _Bench(2)
    first = encode_envelope(Envelope("1", "0", 1, 0, (Answer("r", b"", False),)))
    bench.receive(first)
    bench.receive(encode_envelope(Envelope("1", "0", 2, digest_of(first), (Abort("r", 1),))))
    assert len(bench.reasons()) == 1


@pytest.mark.pure
def test_step_that_fails_by_our_own_fault_is_answered_and_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = _Bench()
    bench.ask("r1", "", "a")
    bench.ask("r2", "add", 5)
    original = Place._end

    def fail(self: Place, tx: Any, value: Any, error: BaseException | None) -> None:
        if tx.header.request_id == "bad":
            raise RuntimeError("a bug")
        original(self, tx, value, error)

    monkeypatch.setattr(Place, "_end", fail)
    starts = (bench.start("r3", "add", 1), bench.start("bad", "add", 100), bench.start("r4", "add", 1))
    ((_, data),) = bench.receive(encode_envelope(Envelope("client", "0", 0, 0, starts)))
    replies = {message.request_id: bench.values.read(message) for message in decode_envelope(data).messages if isinstance(message, Answer)}
    assert [replies["r3"].value, replies["r4"].value] == [6, 7]
    assert str(replies["bad"].error) == "a bug"
    assert bench.reasons() == ["start bad call Jar.add: RuntimeError: a bug"]
    assert bench.machine.place.under_way() == ""


@pytest.mark.pure
def test_request_that_cannot_even_be_refused_stops_nothing() -> None:
    bench = _Bench()
    bench.ask("r1", "", "a")

    def fail(self: Place, *_: Any) -> None:
        raise RuntimeError("a bug")

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(Place, "_start", fail)
        broken.setattr(Place, "give_up", fail)
        data = encode_envelope(Envelope("client", "0", 0, 0, (bench.start("bad", "add", 100),)))
        assert bench.receive(data) == []
    assert bench.reasons() == ["start bad call Jar.add: RuntimeError: a bug"]
    assert bench.ask("r2", "add", 1) == 1


@pytest.mark.pure
def test_decision_that_cannot_be_carried_out_stops_the_place() -> None:
    bench, far = _two_homes()
    away = "1" if bench.place == "0" else "0"
    _send(bench, bench.start("g1", "give", bench.references.get(Jar, far)))
    before = dict(bench.records)
    commit = encode_envelope(Envelope(away, bench.place, 1, 0, (Commit("g1", 1, (), Answer("g1", b"", False)),)))

    def fail(self: Place, message: Commit) -> None:
        raise RuntimeError("a bug")

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(Place, "_commit", fail)
        with pytest.raises(PlaceStopped, match="commit g1#1 could not be handled: RuntimeError: a bug"):
            bench.receive(commit)
    assert bench.records == before
    bench.renew()
    assert len(bench.receive(commit)) == 0
    assert bench.machine.place.under_way() == ""


def test_move_that_cannot_be_read_ends_its_transaction() -> None:
    bench = _Bench(2)
    header = steps.Header("r9", 1, 1, 1, "1", "client")
    move = Move(header, ("1",), (), b"SF\x01 damaged", b"")
    out = dict(bench.receive(encode_envelope(Envelope("1", "0", 1, 0, (move,)))))
    (abort,) = decode_envelope(out["1"]).messages
    (answer,) = decode_envelope(out["client"]).messages
    assert isinstance(abort, Abort)
    assert isinstance(answer, Answer)
    assert answer.is_error
    assert abort.answer == answer


def test_what_would_be_too_large_for_one_envelope_goes_in_several() -> None:
    bench = _Bench()
    bench.ask("r0", "", "a")
    bench.machine = Machine(FLOW, "0", bench.placement, bench.records, envelope_bytes=OUTSIDE_BYTES + 100)
    starts = tuple(bench.start(f"q{number}", "add", 1) for number in range(4000))
    data = encode_envelope(Envelope("client", "0", 0, 0, starts))
    out = bench.receive(data)
    assert len(out) > 1
    assert all(len(envelope) <= OUTSIDE_BYTES + 100 for _, envelope in out)
    assert [message.request_id for _, envelope in out for message in decode_envelope(envelope).messages] == [s.request_id for s in starts]


def test_repeat_gets_the_reply_and_another_request_with_its_id_is_refused() -> None:
    bench = _Bench()
    bench.ask("r1", "", "a")
    assert bench.ask("r2", "add", 3) == 3
    bench.renew()
    assert bench.ask("r2", "add", 3) == 3
    assert isinstance(bench.ask("r2", "add", 4), RequestIdReused)
    assert bench.ask("r3", "add", 1) == 4


@pytest.mark.parametrize("renews", [False, True])
def test_ledger_is_bounded_by_count_and_a_forgotten_request_is_not_run_again(renews: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answered, "requests", 10)
    bench = _Bench()
    bench.ask("r0", "", "a", time_ns=1)
    for number in range(1, 40):
        if renews:
            bench.renew()
        assert bench.ask(f"r{number}", "add", 1, time_ns=number) == number
    assert bench.kept_ids() == {f"r{number}" for number in range(30, 40)}
    assert sum(key.startswith("o/") for key in bench.records) == 10
    assert isinstance(bench.ask("r5", "add", 1, time_ns=5), RequestExpired)
    assert bench.ask("r35", "add", 1, time_ns=35) == 35
    assert bench.ask("r40", "add", 1, time_ns=40) == 40


def test_records_that_another_version_laid_out_are_refused() -> None:
    bench = _Bench()
    bench.ask("r0", "", "a")
    head = msgspec.msgpack.decode(bench.records["place"])
    # The head ended before its last item when each reply had a record of its own.
    for former in (head[:-1], [*head[:-1], LAYOUT + 1]):
        bench.records["place"] = msgspec.msgpack.encode(former)
        with pytest.raises(IncompatibleSchema, match="what place 0 keeps was laid out by another version"):
            bench.renew()
    bench.records["place"] = msgspec.msgpack.encode(head)
    bench.renew()
    assert bench.ask("r1", "add", 1) == 1


def test_ledger_is_bounded_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answered, "bytes", 500)
    bench = _Bench()
    bench.ask("r0", "", "a")
    for number in range(1, 60):
        bench.ask(f"r{number}", "add", 1, time_ns=number)
    assert sum(len(data) for key, data in bench.records.items() if key.startswith("a/")) <= 500


def test_ledger_forgets_what_is_too_old_by_the_time_of_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answered, "age_ns", 100)
    bench = _Bench()
    bench.ask("r0", "", "a", time_ns=1, now_ns=1)
    bench.ask("r1", "add", 1, time_ns=50, now_ns=50)
    assert bench.ask("r1", "add", 1, time_ns=50, now_ns=149) == 1
    bench.ask("r2", "add", 1, time_ns=151, now_ns=151)
    assert isinstance(bench.ask("r1", "add", 1, time_ns=50, now_ns=152), RequestExpired)
    assert bench.ask("r3", "add", 1, time_ns=152, now_ns=152) == 3
    assert bench.kept_ids() == {"r2", "r3"}


def test_references_to_other_entities_do_not_pile_up() -> None:
    bench = _Bench(4, place=PartitionPlacement(4).home(Jar, "a"))
    bench.create("a")
    others = [bench.references.get(Jar, f"x{number}") for number in range(UNLOADED_RECORDS + 500)]
    assert bench.ask("r1", "know", others) == len(others)
    assert len(bench.machine.place.store.records) <= UNLOADED_RECORDS + 1
    assert bench.ask("r2", "add", 1) == 1
    assert len(bench.machine.place.store.records) <= UNLOADED_RECORDS + 1
    assert set(bench.records) >= {"place"}
    assert sum(key.startswith("e/") for key in bench.records) == 1


def test_entities_in_memory_are_bounded_and_come_back() -> None:
    bench = _Bench()
    bench.machine = Machine(FLOW, "0", bench.placement, bench.records, cache_bytes=20_000)
    for number in range(100):
        bench.ask(f"c{number}", "", f"j{number}")
        bench.ask(f"a{number}", "add", number, key=f"j{number}")
    assert len(bench.machine.place.entities) < 25
    assert [bench.ask(f"b{number}", "add", 0, key=f"j{number}") for number in range(100)] == list(range(100))


def test_request_that_comes_and_ends_in_one_step_writes_its_entity_and_its_answer_only() -> None:
    bench = _Bench()
    bench.ask("r0", "", "a")
    for number in range(1, 4):
        bench.machine.receive(encode_envelope(Envelope("client", "0", 0, 0, (bench.start(f"r{number}", "add", 1),))), 1)
        changed = bench.machine.take_changes()
        assert set(changed) == {"place", "a/r", f"o/{number + 1}", "e/Jar/" + encode_key("a").hex()}
        bench.records.update({key: data for key, data in changed.items() if data is not None})


def _two_homes() -> tuple[_Bench, str]:
    """Return the bench of the place where `a` lives, and the key of an entity that lives at another one."""
    placement = PartitionPlacement(2)
    bench = _Bench(2, place=placement.home(Jar, "a"))
    bench.create("a")
    return bench, next(key for key in "bcdefgh" if placement.home(Jar, key) != bench.place)


def _send(bench: _Bench, start: Start, now_ns: int = 1) -> dict[str, Any]:
    out = bench.receive(encode_envelope(Envelope("client", bench.place, 0, 0, (start,))), now_ns)
    return {target: decode_envelope(data).messages[0] for target, data in out}


@pytest.mark.pure
def test_requests_under_way_at_one_place_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stateflow.core.roots.PLACE_REQUESTS", 2)
    bench, far = _two_homes()
    other = bench.references.get(Jar, far)
    for number in (1, 2):
        assert not any(isinstance(message, Answer) for message in _send(bench, bench.start(f"g{number}", "give", other)).values())
    refused = bench.ask("g3", "give", other)
    assert isinstance(refused, stateflow.QueueFull)
    assert "2 requests that began at place" in str(refused)
    bench.renew()
    assert isinstance(bench.ask("g3", "give", other), stateflow.QueueFull)


@pytest.mark.pure
def test_request_that_begins_again_for_too_long_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stateflow.core.roots._REQUEST_NS", 100)
    bench, far = _two_homes()
    away = "1" if bench.place == "0" else "0"
    (moved,) = _send(bench, bench.start("g1", "give", bench.references.get(Jar, far)), now_ns=5).values()
    assert isinstance(moved, Move)
    first = encode_envelope(Envelope(away, bench.place, 1, 0, (Abort("g1", 1), Restart("g1", 1))))
    assert [type(decode_envelope(data).messages[0]) for _, data in bench.receive(first, 50)] == [Move]
    second = encode_envelope(Envelope(away, bench.place, 2, digest_of(first), (Abort("g1", 2), Restart("g1", 2))))
    ((client, data),) = bench.receive(second, 106)
    (answer,) = decode_envelope(data).messages
    assert client == "client"
    assert isinstance(answer, Answer)
    assert "has not ended after 3600.0 s and 2 attempts" in str(bench.values.read(answer).error)
    assert bench.machine.place.under_way() == ""


def _ask_for_result(bench: _Bench, request_id: str, sent_ns: int = 0) -> list[Any]:
    start = Start(request_id, sent_ns, Operation.RESULT.value, "", "", b"", "other")
    sent = bench.receive(encode_envelope(Envelope("other", bench.place, 0, 0, (start,))))
    replies = [bench.values.read(answer) for client, data in sent if client == "other" for answer in decode_envelope(data).messages]
    return [reply.value if reply.error is None else reply.error for reply in replies]


def test_reply_is_given_again_to_whoever_asks_for_it() -> None:
    bench = _Bench()
    bench.ask("create", "", "a")
    assert bench.ask("r", "add", 3) == 3
    bench.renew()
    assert _ask_for_result(bench, "r") == [3]
    assert bench.ask("again", "add", 1) == 4


def test_request_that_never_came_is_unknown() -> None:
    (error,) = _ask_for_result(_Bench(), "never")
    assert isinstance(error, RequestUnknown)
    assert error.request_id == "never"


def test_who_asks_while_the_request_is_under_way_gets_the_reply_when_it_ends() -> None:
    bench = _Bench(2)
    here, elsewhere = (next(key for key in "abcdefgh" if bench.placement.home(Jar, key) == place) for place in ("0", "1"))
    bench.create(here)
    start = bench.start("r", "give", bench.references.get(Jar, elsewhere), key=here)
    ((target, data),) = bench.receive(encode_envelope(Envelope("client", "0", 0, 0, (start,))))
    assert target == "1"
    assert isinstance(decode_envelope(data).messages[0], Move)
    assert _ask_for_result(bench, "r") == []
    commit = Commit("r", 1, (), Answer("r", bench.values._codec.encode(7, "reply"), False))
    assert [client for client, _ in bench.receive(encode_envelope(Envelope("1", "0", 1, 0, (commit,))))] == ["other"]
    assert _ask_for_result(bench, "r") == [7]


def test_request_that_begins_at_another_place_is_refused() -> None:
    bench, far = _two_homes()
    away = "1" if bench.place == "0" else "0"
    refused = bench.ask("x1", "add", 1, key=far)
    assert isinstance(refused, stateflow.ConfigurationError)
    assert f"request x1 begins at place {away}, and came to {bench.place}" in str(refused)
    assert bench.machine.place.under_way() == ""
    assert "x1" not in bench.kept_ids()
