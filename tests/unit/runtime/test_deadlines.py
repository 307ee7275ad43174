"""A request that does not begin before its deadline is refused for good; how long a caller waits is another matter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import stateflow
from stateflow.client import StateflowClient
from stateflow.core.placement import PartitionPlacement
from stateflow.errors import ConfigurationError, DeadlinePassed, LimitExceeded, OutcomeUnknown
from stateflow.limits import DEADLINE_S
from stateflow.protocol.messages import Operation, Request
from stateflow.runtime.local import LocalClient, LocalRuntime
from stateflow.runtime.simulation.cluster import Cluster
from tests.unit.runtime.standing import Stop

SECOND_NS = 10**9


@stateflow.entity
class Counter:
    def __init__(self, name: str) -> None:
        self.name, self.value = name, 0

    def __key__(self) -> str:
        return self.name

    def add(self, amount: int) -> int:
        self.value += amount
        return self.value

    def slowly_add(self, amount: int) -> int:
        return self.add(amount)


FLOW = stateflow.init(Counter)


class Clock:
    """A clock that the test moves, in nanoseconds."""

    now = 1_700_000_000 * SECOND_NS

    def __call__(self) -> int:
        return self.now


CLOCK = Clock()


@pytest.fixture(params=["memory", "file"])
def runtime(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalRuntime]:
    with LocalRuntime(FLOW, path=tmp_path / "counters.db" if request.param == "file" else None, clock=CLOCK) as runtime:
        yield runtime


@pytest.fixture
def patient(runtime: LocalRuntime) -> Iterator[LocalClient]:
    with runtime.client(bind=False) as client:
        client.create(Counter, "visits").get(10)
        yield client


def sent(client: StateflowClient, request_id: str, **times: Any) -> Any:
    request = Request(request_id=request_id, operation=Operation.CALL, class_name="Counter", key="visits", name="add", args=(1,), **times)
    return client.send(request)


@pytest.mark.parametrize(("late_ns", "runs"), [(-1, True), (0, False), (1, False)], ids=["before", "at", "after"])
def test_request_runs_when_it_begins_before_its_deadline_and_never_after(late_ns: int, runs: bool, patient: LocalClient) -> None:
    deadline_ns = CLOCK.now - late_ns
    future = sent(patient, "r", time_ns=CLOCK.now, deadline_ns=deadline_ns)
    assert (type(future.exception(10)) is DeadlinePassed) == (not runs)
    assert patient.get(patient.ref(Counter, "visits"), "value").get(10) == runs


def test_request_that_waited_too_long_in_the_queue_is_refused_and_those_after_it_run(runtime: LocalRuntime, patient: LocalClient) -> None:
    visits = patient.ref(Counter, "visits")
    with runtime.client(bind=False, deadline_s=2.5) as client:
        with Stop(runtime, "slowly_add") as stop:
            slow = client.call(Counter.slowly_add, visits, 1)
            late = client.call(Counter.add, visits, 10)
            assert stop.begun.wait(10)
            CLOCK.now += 3 * SECOND_NS
            in_time = client.call(Counter.add, visits, 100)
            any_time = patient.call(Counter.add, visits, 1000)
        assert slow.get(10) == 1, "what has begun is not stopped"
        with pytest.raises(DeadlinePassed, match=f"SF547: request {late.request_id} had not begun when its deadline passed"):
            late.get(10)
        assert in_time.get(10) == 101
        assert any_time.get(10) == 1101
        assert type(client.result(late.request_id).exception(10)) is DeadlinePassed


def test_refused_request_is_refused_again_when_it_is_repeated_whatever_deadline_it_has_then(patient: LocalClient) -> None:
    first = sent(patient, "r", time_ns=CLOCK.now, deadline_ns=CLOCK.now)
    assert type(first.exception(10)) is DeadlinePassed
    for deadline_ns in (CLOCK.now, CLOCK.now + SECOND_NS, None):
        assert type(sent(patient, "r", time_ns=CLOCK.now, deadline_ns=deadline_ns).exception(10)) is DeadlinePassed
    assert patient.get(patient.ref(Counter, "visits"), "value").get(10) == 0


def test_repeat_after_the_deadline_gets_the_reply_of_the_request_that_ran(patient: LocalClient) -> None:
    assert sent(patient, "r", time_ns=CLOCK.now, deadline_ns=CLOCK.now + 1).get(10) == 1
    CLOCK.now += SECOND_NS
    assert sent(patient, "r", time_ns=CLOCK.now, deadline_ns=CLOCK.now - SECOND_NS).get(10) == 1


def test_refusal_is_kept_over_a_restart(tmp_path: Path) -> None:
    for _ in range(2):
        with LocalRuntime(FLOW, path=tmp_path / "counters.db") as runtime, runtime.client(bind=False) as client:
            client.create(Counter, "visits").exception(10)
            assert type(sent(client, "r", time_ns=CLOCK.now, deadline_ns=1).exception(10)) is DeadlinePassed
    with LocalRuntime(FLOW, path=tmp_path / "counters.db") as runtime, runtime.client(bind=False) as client:
        assert type(client.result("r").exception(10)) is DeadlinePassed


def test_time_out_of_a_caller_is_no_deadline_of_the_request(patient: LocalClient) -> None:
    visits = patient.ref(Counter, "visits")
    with Stop(patient._runtime, "slowly_add"):
        slow, waiting = patient.call(Counter.slowly_add, visits, 1), patient.call(Counter.add, visits, 1)
        with pytest.raises(OutcomeUnknown):
            waiting.get(timeout=0.01)
        CLOCK.now += 3600 * SECOND_NS
    assert (slow.get(10), waiting.get(10)) == (1, 2)


def test_deadline_is_a_time_out_for_who_catches_those(patient: LocalClient) -> None:
    with pytest.raises(TimeoutError):
        sent(patient, "r", time_ns=CLOCK.now, deadline_ns=CLOCK.now).get(10)


def test_an_engine_that_knows_no_deadlines_refuses_them_instead_of_forgetting_them() -> None:
    client = Cluster(FLOW, PartitionPlacement(2)).client()
    with pytest.raises(ConfigurationError, match="SF540: this engine knows no deadlines"):
        sent(client, "r", time_ns=1, deadline_ns=2)


@pytest.mark.parametrize("deadline_s", [DEADLINE_S - 1, DEADLINE_S, 1e-6])
def test_deadline_up_to_the_largest_is_taken(deadline_s: float, runtime: LocalRuntime) -> None:
    with runtime.client(bind=False, deadline_s=deadline_s) as client:
        assert client.create(Counter, "calls").get(10)


def test_deadline_beyond_the_largest_or_without_time_is_refused(runtime: LocalRuntime) -> None:
    with pytest.raises(LimitExceeded, match=r"SF530: deadline_s is 86401.0, more than 86400.0 s"):
        runtime.client(bind=False, deadline_s=DEADLINE_S + 1)
    for deadline_s in (0, -1, float("nan")):
        with pytest.raises(ConfigurationError, match="SF540: deadline_s is"):
            runtime.client(bind=False, deadline_s=deadline_s)
