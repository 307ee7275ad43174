"""What the operator does with Flink's state: it is given a state that notes what is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import stateflow
from stateflow.protocol.bundles import envelopes_of
from stateflow.protocol.client_values import ClientValues
from stateflow.protocol.messages import Operation, Request
from stateflow.protocol.steps import Envelope, Start, decode_envelope, encode_envelope
from stateflow.runtime.flink.gathering import Lag
from stateflow.runtime.flink.keys import HASH_SEED, place_keys
from stateflow.runtime.flink.loading import submitted_classes
from stateflow.runtime.flink.operator import UNSENT, PlaceOperator
from tests.integration.flink.money import Account, Counter, Item

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.xdist_group("flink")
CLIENT = "client.0.test"
FLOW = stateflow.init(Account, Counter, Item)
KEYS = place_keys(1)


class NotingState:
    """Flink's state of one place, with the calls that came since `calls` was emptied."""

    def __init__(self) -> None:
        self.records: dict[str, bytes] = {}
        self.calls: list[str] = []

    def get(self, key: str) -> bytes | None:
        return self.records.get(key)

    def put_all(self, records: dict[str, bytes]) -> None:
        assert records
        self.calls.append("put_all")
        self.records.update(records)

    def remove(self, key: str) -> None:
        self.calls.append("remove")
        del self.records[key]

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the operator calls {name} of Flink's state")


class Counted:
    """A counter among Flink's metrics."""

    count = 0

    def inc(self, count: int) -> None:
        assert count > 0
        self.count += count


class Context:
    """What Flink tells about an element, and about the part of the job."""

    def __init__(self, state: NotingState) -> None:
        self._state = state
        self.counters: dict[str, Counted] = {}
        self.timers = 0

    def get_map_state(self, _: object) -> NotingState:
        return self._state

    def get_current_key(self) -> int:
        return KEYS[0]

    def timestamp(self) -> int:
        return 1

    def timer_service(self) -> Context:
        return self

    def register_processing_time_timer(self, time_ms: int) -> None:
        assert time_ms > 0
        self.timers += 1

    def get_metrics_group(self) -> Context:
        return self

    def add_group(self, name: str) -> Context:
        assert name == "stateflow"
        return self

    def counter(self, name: str) -> Counted:
        return self.counters.setdefault(name, Counted())


class FixedLag(Lag):
    """An engine that is behind by so much that what it sends waits for `fixed_ms`."""

    def __init__(self) -> None:
        super().__init__()
        self.fixed_ms = 0

    def wait_ms(self, written_ms: int, now_ms: float) -> int:
        return self.fixed_ms


class Bench:
    """One operator over a state that notes what is called."""

    def __init__(self) -> None:
        self.state = NotingState()
        self.context: Any = Context(self.state)
        self._values = ClientValues(FLOW, None, CLIENT)  # type: ignore[arg-type]
        self._count = 0
        self.lag = FixedLag()
        self.open()

    def open(self) -> None:
        """Begin as a worker does, over what the state has."""
        self.operator = PlaceOperator(submitted_classes(FLOW), KEYS, 1, 1 << 20)
        self.operator.open(self.context)
        self.operator.lag = self.lag

    def element(self, *starts: Start) -> list[Any]:
        """Give the operator one record; return what it sent, and leave in `state.calls` what it called for it."""
        self.state.calls.clear()
        return list(self.operator.process_element(encode_envelope(Envelope(CLIENT, "0", 0, 0, starts)), self.context))

    def time_is_over(self) -> list[Any]:
        """Let the timer fire; return what the operator sends then."""
        return list(self.operator.on_timer(1, self.context))

    def start(self, operation: Operation, class_name: str, key: str | None, name: str, *args: Any) -> Start:
        """Return a request, with an id of its own."""
        self._count += 1
        request = Request(
            request_id=f"r{self._count}", time_ns=1, operation=operation, class_name=class_name, key=key, name=name, args=args
        )
        return self._values.write(request)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("PYTHONHASHSEED", HASH_SEED)
    return Bench()


def test_element_ends_with_one_put_all_whatever_it_holds(bench: Bench) -> None:
    bench.element(*(bench.start(Operation.CREATE, "Counter", None, "", f"c{number}") for number in range(10)))
    assert bench.state.calls == ["put_all"]
    before = dict(bench.state.records)
    bench.element(*(bench.start(Operation.CALL, "Counter", f"c{number}", "add") for number in range(10)))
    assert bench.state.calls == ["put_all"]
    assert bench.state.records != before


def test_what_an_entity_no_longer_needs_is_removed_after_the_one_put_all(bench: Bench) -> None:
    bench.element(bench.start(Operation.CREATE, "Counter", None, "", "c"))
    count = len(bench.state.records)
    bench.element(bench.start(Operation.DELETE, "Counter", "c", ""))
    assert bench.state.calls[0] == "put_all"
    assert set(bench.state.calls[1:]) <= {"remove"}
    assert bench.state.calls.count("put_all") == 1
    assert len(bench.state.records) <= count + 1


def test_nothing_lives_only_in_a_worker_after_an_element(bench: Bench) -> None:
    bench.element(bench.start(Operation.CREATE, "Counter", None, "", "c"))
    add = bench.start(Operation.CALL, "Counter", "c", "add")
    first = bench.element(add)
    bench.open()
    assert bench.element(add) == first
    bench.open()
    bench.element(bench.start(Operation.CALL, "Counter", "c", "add"))
    assert bench.state.calls == ["put_all"]


def answered_in(row: Any) -> list[str]:
    """Return which requests a record of replies answers; each reply is in an envelope of its own."""
    return [decode_envelope(each).messages[0].request_id for each in envelopes_of(row[1])]  # type: ignore[union-attr]


def test_engine_that_is_behind_sends_what_several_steps_say_in_one_record(bench: Bench) -> None:
    bench.lag.fixed_ms = 5
    assert bench.element(bench.start(Operation.CREATE, "Counter", None, "", "c")) == []
    assert bench.state.calls == ["put_all"]
    assert bench.element(bench.start(Operation.CALL, "Counter", "c", "add")) == []
    assert bench.context.timers == 1
    ((_, row),) = bench.time_is_over()
    assert answered_in(row) == ["r1", "r2"]
    assert bench.time_is_over() == []
    assert UNSENT not in bench.state.records


def test_engine_that_has_caught_up_sends_what_waits_before_what_it_says_now(bench: Bench) -> None:
    bench.lag.fixed_ms = 5
    bench.element(bench.start(Operation.CREATE, "Counter", None, "", "c"))
    bench.lag.fixed_ms = 0
    ((_, row),) = bench.element(bench.start(Operation.CALL, "Counter", "c", "add"))
    assert answered_in(row) == ["r1", "r2"]
    assert bench.time_is_over() == []
    assert UNSENT not in bench.state.records


def test_what_waits_outlives_its_worker(bench: Bench) -> None:
    bench.lag.fixed_ms = 5
    bench.element(bench.start(Operation.CREATE, "Counter", None, "", "c"))
    bench.open()
    bench.element(bench.start(Operation.CALL, "Counter", "c", "add"))
    bench.open()
    assert bench.context.timers == 1, "the timer is in Flink's state, and outlives it too"
    ((_, row),) = bench.time_is_over()
    assert answered_in(row) == ["r1", "r2"]


def test_what_waits_goes_early_when_it_is_much(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stateflow.runtime.flink.gathering.GATHERED_BYTES", 1)
    bench.lag.fixed_ms = 5
    assert len(bench.element(bench.start(Operation.CREATE, "Counter", None, "", "c"))) == 1
    assert bench.context.timers == 0
