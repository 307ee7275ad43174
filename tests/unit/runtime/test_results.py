"""The reply to an earlier request: the same as that request got, also for another client and another process; or a clear no."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import stateflow
from stateflow.errors import (
    ClientClosed,
    ConfigurationError,
    EntityNotFound,
    OutcomeUnknown,
    RequestExpired,
    RequestUnknown,
)
from stateflow.limits import LEDGER_READ_BYTES
from stateflow.options import LocalOptions
from stateflow.runtime.local import LocalClient, LocalRuntime
from tests.unit.runtime.standing import Stop


class OutOfStock(Exception):
    """A user's exception."""


@stateflow.entity
class Item:
    def __init__(self, name: str) -> None:
        self.name, self.stock, self.text = name, 0, ""

    def __key__(self) -> str:
        return self.name

    def add(self, amount: int) -> int:
        self.stock += amount
        return self.stock

    def slowly_add(self, amount: int) -> int:
        return self.add(amount)

    def refuse(self, amount: int) -> None:
        self.stock += amount
        raise OutOfStock(self.name, amount)

    def write(self, length: int) -> None:
        self.text = "x" * length

    def itself(self) -> tuple[Item, list[int]]:
        return self, [self.stock]


FLOW = stateflow.init(Item)


class Clock:
    """A clock that the test moves, in nanoseconds."""

    now = 1_700_000_000 * 10**9

    def __call__(self) -> int:
        return self.now


@pytest.fixture(params=["memory", "file"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return tmp_path / "shop.db" if request.param == "file" else None


@pytest.fixture
def client(path: Path | None) -> Iterator[LocalClient]:
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        yield client


def test_result_is_the_value_that_the_request_got(client: LocalClient) -> None:
    tea = client.create(Item, "tea").get(10)
    added = client.call(Item.add, tea, 3)
    assert added.get(10) == 3
    client.call(Item.add, tea, 4).get(10)
    assert client.result(added.request_id).get(10) == 3
    assert client.result(added.request_id).request_id == added.request_id
    assert client.result(client.call(Item.itself, tea).request_id).get(10) == (tea, [7])


def test_result_is_the_exception_that_the_request_got(client: LocalClient) -> None:
    tea = client.create(Item, "tea").get(10)
    refused = client.call(Item.refuse, tea, 3)
    with pytest.raises(OutOfStock) as first:
        refused.get(10)
    with pytest.raises(OutOfStock) as again:
        client.result(refused.request_id).get(10)
    assert again.value.args == first.value.args == ("tea", 3)
    missing = client.delete(client.ref(Item, "milk"))
    with pytest.raises(EntityNotFound):
        missing.get(10)
    assert type(client.result(missing.request_id).exception(10)) is EntityNotFound


def test_result_runs_nothing_again(client: LocalClient) -> None:
    tea = client.create(Item, "tea").get(10)
    added = client.call(Item.add, tea, 3)
    assert [client.result(added.request_id).get(10) for _ in range(5)] == [3] * 5
    assert client.get(tea, "stock").get(10) == 3


def test_result_waits_for_a_request_that_is_under_way(client: LocalClient) -> None:
    tea = client.create(Item, "tea").get(10)
    with Stop(client._runtime, "slowly_add") as stop:
        slow = client.call(Item.slowly_add, tea, 3)
        assert stop.begun.wait(10)
        with pytest.raises(OutcomeUnknown) as late:
            slow.get(0.01)
        assert f"client.result('{slow.request_id}')" in str(late.value)
        asked = client.result(late.value.request_id)
        with pytest.raises(OutcomeUnknown) as still:
            asked.get(0.01)
        assert still.value.request_id == slow.request_id
    assert asked.get(10) == 3
    assert slow.get(10) == 3


def test_result_is_there_for_another_client_and_for_asyncio(client: LocalClient) -> None:
    tea = client.create(Item, "tea").get(10)
    added = client.call(Item.add, tea, 3)
    with client._runtime.client(bind=False) as other, ThreadPoolExecutor(1) as threads:
        reference, _ = other.result(client.call(Item.itself, tea).request_id).get(10)
        assert reference is other.ref(Item, "tea")

        async def ask() -> Any:
            return await other.result(added.request_id)

        assert threads.submit(asyncio.run, ask()).result(10) == 3


def test_result_survives_a_restart(tmp_path: Path) -> None:
    with LocalRuntime(FLOW, path=tmp_path / "shop.db") as runtime, runtime.client(bind=False) as client:
        tea = client.create(Item, "tea").get(10)
        ids = [client.call(Item.add, tea, 1).request_id for _ in range(500)]
        refused = client.call(Item.refuse, tea, 1)
        assert refused.exception(10)
    with LocalRuntime(FLOW, path=tmp_path / "shop.db") as runtime, runtime.client(bind=False) as client:
        assert [client.result(request_id).get(10) for request_id in ids] == list(range(1, 501))
        assert type(client.result(refused.request_id).exception(10)) is OutOfStock


def test_request_that_never_came_is_unknown(client: LocalClient) -> None:
    with pytest.raises(RequestUnknown, match="SF546: no reply to request nonsense is kept: it was not carried out, or it was") as no:
        client.result("nonsense").get(10)
    assert str(no.value).endswith("or it was a read; send it again")
    assert (no.value.request_id, no.value.forgotten_ns) == ("nonsense", None)


def test_read_whose_reply_was_too_large_to_keep_is_unknown(client: LocalClient) -> None:
    tea = client.create(Item, "tea").get(10)
    replies = []
    for length in (LEDGER_READ_BYTES, LEDGER_READ_BYTES + 1):
        client.call(Item.write, tea, length).get(10)
        read = client.get(tea, "text")
        read.get(10)
        replies.append(client.result(read.request_id).exception(10))
    assert replies[0] is None
    assert type(replies[1]) is RequestUnknown


def test_request_that_was_dropped_when_the_runtime_closed_is_unknown_to_the_next(tmp_path: Path) -> None:
    with LocalRuntime(FLOW, path=tmp_path / "shop.db") as runtime, runtime.client(bind=False) as client:
        tea = client.create(Item, "tea").get(10)
        with Stop(runtime, "slowly_add") as stop, ThreadPoolExecutor(1) as threads:
            client.call(Item.slowly_add, tea, 1)
            assert stop.begun.wait(10)
            waiting = client.call(Item.add, tea, 1)
            closing = threads.submit(runtime.close)
            assert type(waiting.exception(10)) is ClientClosed
            stop.end()
            closing.result(10)
    with LocalRuntime(FLOW, path=tmp_path / "shop.db") as runtime, runtime.client(bind=False) as client:
        assert type(client.result(waiting.request_id).exception(10)) is RequestUnknown
        assert client.get(tea, "stock").get(10) == 1


def test_forgotten_request_is_expired_where_its_time_is_known_and_else_perhaps(path: Path | None) -> None:
    clock = Clock()
    options = LocalOptions(ledger_requests=40)
    with LocalRuntime(FLOW, path=path, clock=clock, options=options) as runtime, runtime.client(bind=False) as client:
        tea = client.create(Item, "tea").get(10)
        sent = []
        for _ in range(100):
            clock.now += 10**9
            sent.append((clock.now, client.call(Item.add, tea, 1).request_id))
            client.result(sent[-1][1]).get(10)
        (first_ns, first), (last_ns, last) = sent[0], sent[-1]
        with pytest.raises(RequestExpired, match=f"SF544: request {first} was submitted before"):
            client.result(first, sent_ns=first_ns).get(10)
        with pytest.raises(RequestUnknown, match=r"or it was sent before 2023-11-14 22:1\d:\d\d UTC and is forgotten") as perhaps:
            client.result(first).get(10)
        assert first_ns <= perhaps.value.forgotten_ns < last_ns  # type: ignore[operator]
        with pytest.raises(RequestUnknown) as certain:
            client.result("nonsense", sent_ns=last_ns).get(10)
        assert certain.value.forgotten_ns is None
        assert client.result(last).get(10) == client.result(last, sent_ns=last_ns).get(10) == 100


def test_last_forgotten_moment_is_expired_and_the_next_one_is_not(path: Path | None) -> None:
    clock = Clock()
    options = LocalOptions(ledger_requests=4)
    with LocalRuntime(FLOW, path=path, clock=clock, options=options) as runtime, runtime.client(bind=False) as client:
        for number in range(20):
            clock.now += 1
            client.create(Item, str(number)).get(10)
        perhaps = client.result("nonsense").exception(10)
        assert isinstance(perhaps, RequestUnknown)
        assert perhaps.forgotten_ns is not None
        kinds = [type(client.result("nonsense", sent_ns=perhaps.forgotten_ns + more).exception(10)) for more in (-1, 0, 1)]
        assert kinds == [RequestExpired, RequestExpired, RequestUnknown]


def test_what_is_no_request_id_is_refused(client: LocalClient) -> None:
    with pytest.raises(ConfigurationError, match="is not a request id"):
        client.result(client.create(Item, "tea"))  # type: ignore[arg-type]
