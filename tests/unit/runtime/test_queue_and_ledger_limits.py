"""Bounds of the queue and of the request ledger, at the edge."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from stateflow.client.future import StateflowFuture
from stateflow.core.ledger import Ledger, Outcome
from stateflow.core.ports import Batch
from stateflow.core.request_digests import digest_of
from stateflow.errors import ClientClosed, LimitExceeded, RequestExpired
from stateflow.limits import READ_REPLIES
from stateflow.options import LocalOptions
from stateflow.protocol.messages import Operation, Reply, Request
from stateflow.references import ReferenceTable
from stateflow.runtime.local.answers import Answer
from stateflow.runtime.local.memory import MemoryDatabase
from stateflow.runtime.local.worker import Worker

REFERENCES: Any = None
GENERATIONS = 4


def request(number: int) -> Request:
    return Request(request_id=f"r-{number:06}", time_ns=number, operation=Operation.CALL, class_name="Item", key="tea", name="take")


class Gate:
    """An engine that answers when it is opened; it tells when the first request is inside."""

    def __init__(self) -> None:
        self.entered, self.open = threading.Event(), threading.Event()
        self.answered: list[str] = []

    def fetch(self, requests: Sequence[Request]) -> None: ...

    def answer(self, request: Request, references: ReferenceTable) -> Answer:
        self.entered.set()
        assert self.open.wait(30)
        self.answered.append(request.request_id)
        return Answer(Reply(request.request_id, request.request_id), True)

    def is_read(self, request: Request) -> bool:
        return False

    def must_commit(self) -> bool:
        return False

    def commit(self) -> None: ...

    def discard(self) -> None: ...


class Reader(Gate):
    """Every request but the first is a read; at each it notes how many futures had their reply then."""

    def __init__(self, futures: list[StateflowFuture[Any]], calls: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.futures, self.calls = futures, calls
        self.done: list[int] = []

    def answer(self, request: Request, references: ReferenceTable) -> Answer:
        answer = super().answer(request, references)
        self.done.append(sum(future.done() for future in self.futures))
        return answer

    def is_read(self, request: Request) -> bool:
        return request.request_id not in self.calls


class Blocking(Worker):
    """Tells when a submission finds no room."""

    def __init__(self, engine: Gate, limit: int) -> None:
        super().__init__(engine, LocalOptions(queue_limit=limit))
        self.found_no_room = threading.Event()

    def _wait_for_room(self) -> None:
        self.found_no_room.set()
        super()._wait_for_room()


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_queue_takes_as_many_as_its_limit_and_one_more_waits_for_room(limit: int) -> None:
    gate = Gate()
    worker = Blocking(gate, limit)
    running = worker.submit(request(0), REFERENCES)
    assert gate.entered.wait(30)
    waiting: list[StateflowFuture[Any]] = [worker.submit(request(number), REFERENCES) for number in range(1, limit + 1)]
    assert not worker.found_no_room.is_set()
    with ThreadPoolExecutor(1) as threads:
        one_more = threads.submit(worker.submit, request(limit + 1), REFERENCES)
        assert worker.found_no_room.wait(30)
        assert not one_more.done()
        gate.open.set()
        replies = [future.get(30) for future in (running, *waiting, one_more.result(30))]
    worker.close()
    assert replies == gate.answered == [request(number).request_id for number in range(limit + 2)]


def test_who_found_no_room_goes_on_when_there_is_room_for_many() -> None:
    limit, gone_on, room = 64, threading.Event(), []

    class Patient(Gate):
        def answer(self, request: Request, references: ReferenceTable) -> Answer:
            answer = super().answer(request, references)
            # Whoever was woken by the last request has time to go on.
            gone_on.wait(0.02)
            return answer

    class Noting(Blocking):
        def _wait_for_room(self) -> None:
            super()._wait_for_room()
            room.append(limit - len(self._tasks))
            gone_on.set()

    gate = Patient()
    worker = Noting(gate, limit)
    running = worker.submit(request(0), REFERENCES)
    assert gate.entered.wait(30)
    futures = [running, *(worker.submit(request(number), REFERENCES) for number in range(1, limit + 1))]
    with ThreadPoolExecutor(1) as threads:
        one_more = threads.submit(worker.submit, request(limit + 1), REFERENCES)
        assert worker.found_no_room.wait(30)
        gate.open.set()
        for future in (*futures, one_more.result(30)):
            future.get(30)
    worker.close()
    assert room[0] > limit // 8


def test_who_waits_for_room_in_a_full_queue_gets_an_error_when_the_engine_is_closed() -> None:
    gate = Gate()
    worker = Blocking(gate, 1)
    worker.submit(request(0), REFERENCES)
    assert gate.entered.wait(30)
    waiting = worker.submit(request(1), REFERENCES)
    with ThreadPoolExecutor(2) as threads:
        one_more = threads.submit(worker.submit, request(2), REFERENCES)
        assert worker.found_no_room.wait(30)
        closing = threads.submit(worker.close)
        assert type(waiting.exception(30)) is ClientClosed
        assert type(one_more.exception(30)) is ClientClosed
        gate.open.set()
        closing.result(30)
    assert gate.answered == [request(0).request_id]


@pytest.mark.parametrize("limit", [1, 100])
def test_full_queue_refuses_at_once_where_that_is_asked_for_and_takes_requests_again_when_there_is_room(limit: int) -> None:
    gate = Gate()
    worker = Worker(gate, LocalOptions(queue_limit=limit, refuses_when_full=True))
    taken = [worker.submit(request(0), REFERENCES)]
    assert gate.entered.wait(30)
    taken += [worker.submit(request(number), REFERENCES) for number in range(1, limit + 1)]
    for _ in range(1000):
        with pytest.raises(LimitExceeded, match=f"SF530: {limit} requests wait"):
            worker.submit(request(limit + 1), REFERENCES)
    # What is refused leaves nothing behind, however often.
    assert worker.waiting == limit
    gate.open.set()
    assert [future.get(30) for future in taken] == [request(number).request_id for number in range(limit + 1)]
    assert worker.submit(request(limit + 1), REFERENCES).get(30) == request(limit + 1).request_id
    worker.close()
    assert len(gate.answered) == limit + 2


def replies_at_each(count: int, calls: frozenset[str] = frozenset()) -> list[int]:
    """Return how many replies had left when each of so many requests ran, which came all at once."""
    futures: list[StateflowFuture[Any]] = []
    reader = Reader(futures, calls)
    worker = Worker(reader, LocalOptions())
    for number in range(count):
        futures.append(worker.submit(request(number), REFERENCES))
    reader.open.set()
    for future in futures:
        future.get(30)
    worker.close()
    return reader.done


def test_replies_to_reads_leave_together_and_not_later_than_the_limit() -> None:
    assert replies_at_each(2 * READ_REPLIES + 1) == [0] * READ_REPLIES + [READ_REPLIES] * READ_REPLIES + [2 * READ_REPLIES]


def test_reply_to_a_read_does_not_wait_for_the_method_that_follows() -> None:
    assert replies_at_each(4, frozenset([request(2).request_id])) == [0, 0, 2, 2]


def ledger_after(count: int, **bounds: Any) -> Ledger:
    """Return a ledger of so many requests, each with a commit of its own."""
    database = MemoryDatabase()
    ledger = Ledger(database, LocalOptions(**bounds))
    for number in range(1, count + 1):
        ledger.add(request(number), digest_of(request(number), len), Outcome(False, True, number))
        horizon, data = ledger.moved_horizon(), ledger.encode()
        database.commit(Batch(number, [], data, horizon))
        ledger.committed(number, data)
    return ledger


def is_known(ledger: Ledger, number: int) -> bool:
    """Tell whether a repeat gets its reply; else it is refused, and never taken for a new request."""
    try:
        outcome = ledger.find(request(number), digest_of(request(number), len))
    except RequestExpired:
        return False
    assert outcome == Outcome(False, True, number)
    return True


@pytest.mark.parametrize("count", [399, 400])
def test_ledger_knows_all_requests_up_to_its_bound(count: int) -> None:
    ledger = ledger_after(count, ledger_requests=400)
    assert ledger.size == count
    assert all(is_known(ledger, number) for number in range(1, count + 1))


@pytest.mark.parametrize("count", [402, 499, 500])
def test_ledger_beyond_its_bound_forgets_the_oldest_quarter_and_keeps_the_rest(count: int) -> None:
    # The commit that passes the bound still knows all; the next one drops.
    ledger = ledger_after(count, ledger_requests=400)
    assert [is_known(ledger, number) for number in range(1, count + 1)] == [False] * 100 + [True] * (count - 100)
    assert ledger.size == count - 100
    assert ledger.horizon_ns == 100


def batch_bytes() -> int:
    """Return what the reply of one request takes."""
    ledger = Ledger(MemoryDatabase(), LocalOptions())
    ledger.add(request(100), digest_of(request(100), len), Outcome(False, True, 100))
    return len(ledger.encode())


@pytest.mark.parametrize(("more", "kept"), [(-1, 40), (0, 40), (1, 44)], ids=["below", "at", "above"])
def test_ledger_drops_when_its_replies_pass_the_bound_in_bytes(more: int, kept: int) -> None:
    # With one byte more in a generation, it takes one request more until it is full.
    quarter = 10 * batch_bytes() + more
    full = ledger_after(kept, ledger_bytes=GENERATIONS * quarter)
    assert full.size == kept
    after = ledger_after(kept + 2, ledger_bytes=GENERATIONS * quarter)
    assert after.size == kept + 2 - kept // GENERATIONS
    assert not is_known(after, 1)


class Foreseeing(Gate):
    """Notes what it is to get ready for."""

    def __init__(self) -> None:
        super().__init__()
        self.foreseen: list[list[str]] = []

    def fetch(self, requests: Sequence[Request]) -> None:
        self.foreseen.append([request.request_id for request in requests])


@pytest.mark.parametrize(("count", "sizes"), [(16, []), (17, [17]), (256, [256]), (300, [256, 44]), (256 + 16, [256])])
def test_engine_gets_ready_for_queued_requests_once_each_in_their_order_and_not_for_a_few(count: int, sizes: list[int]) -> None:
    engine = Foreseeing()
    worker = Worker(engine, LocalOptions())
    first = worker.submit(request(0), REFERENCES)
    assert engine.entered.wait(30)
    futures = [worker.submit(request(number), REFERENCES) for number in range(1, count + 1)]
    engine.open.set()
    for future in [first, *futures]:
        future.get(30)
    worker.close()
    assert [len(names) for names in engine.foreseen] == sizes
    assert [name for names in engine.foreseen for name in names] == engine.answered[1 : 1 + sum(sizes)]
