"""Lists, counts and snapshots: what was acknowledged before is in them, in the order of keys, and of each transaction all or nothing."""

from __future__ import annotations

import asyncio
import itertools
import random
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

import stateflow
from stateflow.core import reading
from stateflow.core.placement import PartitionPlacement
from stateflow.errors import CommitFailed, ConfigurationError, InvalidKey, LimitExceeded
from stateflow.limits import LIST_ENTITIES, SNAPSHOT_ENTITIES
from stateflow.options import LocalOptions
from stateflow.protocol.messages import Operation, Request
from stateflow.runtime.local import LocalClient, LocalRuntime
from stateflow.runtime.local.memory import MemoryDatabase
from stateflow.runtime.simulation.cluster import Cluster


class Kind(Enum):
    GOLD = 1
    SILVER = 2


@stateflow.entity
class Account:
    def __init__(self, key: Any, money: int = 0) -> None:
        self.key, self.money = key, money

    def __key__(self) -> Any:
        return self.key

    def add(self, amount: int) -> int:
        self.money += amount
        return self.money

    def send(self, other: Account, amount: int) -> None:
        other.add(amount)
        self.money -= amount

    def kind(self) -> Kind:
        return Kind.GOLD


@stateflow.entity
class Other:
    def __init__(self, name: str) -> None:
        self.name = name

    def __key__(self) -> str:
        return self.name


FLOW = stateflow.init(Account, Other)


@pytest.fixture(params=["memory", "file"])
def runtime(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalRuntime]:
    # A cache that keeps nothing: what is listed is seldom in memory.
    options = LocalOptions(cache_bytes=0)
    with LocalRuntime(FLOW, path=tmp_path / "bank.db" if request.param == "file" else None, options=options) as runtime:
        yield runtime


@pytest.fixture
def client(runtime: LocalRuntime) -> Iterator[LocalClient]:
    with runtime.client(bind=False) as client:
        yield client


def create(client: LocalClient, *keys: Any) -> list[Account]:
    return [future.get(10) for future in [client.create(Account, key) for key in keys]]


def keys_of(references: list[Account]) -> list[Any]:
    return [reference._sf_key for reference in references]  # type: ignore[attr-defined]


def test_list_has_all_entities_of_the_class_in_the_order_of_their_keys(client: LocalClient) -> None:
    keys = ["b", "", "a", "ab", "é", "a\0", "\U0001f375"]
    create(client, *keys)
    client.create(Other, "c").get(10)
    page = client.list(Account).get(10)
    assert keys_of(page) == sorted(keys)
    assert page[1] is client.ref(Account, "a")
    assert client.count(Account).get(10) == len(keys)
    assert client.count(Other).get(10) == 1


@pytest.mark.parametrize(
    "keys",
    [
        [-(10**30), -1, 0, 1, 255, 256, 10**30],
        [b"", b"\0", b"a", b"\xff", b"\xff\xff"],
        [(), ("a",), ("a", -1), ("a", 1), ("b",)],
        [uuid.UUID(int=1), uuid.UUID(int=2**100)],
        [Kind.GOLD, Kind.SILVER],
        [False, True],
    ],
    ids=lambda keys: type(keys[-1]).__name__,
)
def test_keys_of_each_type_are_listed_as_themselves_in_order(keys: list[Any], client: LocalClient) -> None:
    create(client, *random.Random(1).sample(keys, len(keys)))
    listed = keys_of(client.list(Account).get(10))
    assert listed == keys
    assert [type(key) for key in listed] == [type(key) for key in keys]


@pytest.mark.parametrize(
    "key",
    ["\ud800", "a\0", 1 << 20_000, -(1 << 64), b"\xff", ("\udfff", 1 << 70), Kind.GOLD],
    ids=["lone-surrogate", "zero", "huge", "large", "bytes", "tuple", "enum"],
)
def test_every_request_reaches_an_entity_with_an_unusual_key(key: Any, client: LocalClient) -> None:
    account = client.create(Account, key, 5).get(10)
    assert client.call(Account.add, account, 1).get(10) == 6
    client.set(account, "money", 7).get(10)
    assert client.get(account, "money").get(10) == client.state(account).get(10)["money"] == 7
    assert client.list(Account).get(10) == [account]
    client.delete(account).get(10)
    assert client.count(Account).get(10) == 0


def test_a_prefix_lists_and_counts_the_keys_that_begin_with_it(client: LocalClient) -> None:
    create(client, "ann", "anna", "bob", ("ann", 1), ("ann", 2), ("bob", 1), ("anna", 1), b"ann", 1)
    assert keys_of(client.list(Account, prefix="ann").get(10)) == ["ann", "anna"]
    assert keys_of(client.list(Account, prefix=("ann",)).get(10)) == [("ann", 1), ("ann", 2)]
    assert keys_of(client.list(Account, prefix=b"a").get(10)) == [b"ann"]
    assert [client.count(Account, prefix=prefix).get(10) for prefix in ("ann", ("ann",), ("ann", 2), "", (), "x")] == [2, 2, 1, 3, 4, 0]


def test_pages_follow_each_other_without_gap_or_repetition(client: LocalClient) -> None:
    create(client, *range(25))
    pages, after = [], None
    while page := client.list(Account, limit=10, after=after).get(10):
        pages.append(keys_of(page))
        after = page[-1]
    assert pages == [list(range(10)), list(range(10, 20)), list(range(20, 25))]


def test_a_page_may_begin_after_a_key_that_does_not_exist_or_lies_outside_of_the_prefix(client: LocalClient) -> None:
    create(client, "a", "b1", "b2", "c")
    assert keys_of(client.list(Account, after="b15").get(10)) == ["b2", "c"]
    assert keys_of(client.list(Account, prefix="b", after="a").get(10)) == ["b1", "b2"]
    assert keys_of(client.list(Account, prefix="b", after="c").get(10)) == []


def test_what_was_acknowledged_is_listed_and_what_was_deleted_is_not(client: LocalClient) -> None:
    ann, bob = create(client, "ann", "bob")
    client.delete(ann).get(10)
    assert client.list(Account).get(10) == [bob]
    client.create(Account, "ann").get(10)
    assert client.list(Account).get(10) == [ann, bob]
    assert client.count(Account).get(10) == 2


def test_a_list_sees_what_was_sent_before_it_although_nothing_was_awaited(client: LocalClient) -> None:
    created = [client.create(Account, number) for number in range(300)]
    counted = client.count(Account)
    more = [client.create(Account, number) for number in range(300, 600)]
    listed = client.list(Account)
    assert counted.get(10) == 300
    assert keys_of(listed.get(10)) == list(range(600))
    assert all(future.done() for future in [*created, *more]), "what the list shows was committed, so its replies have left"


def test_entities_that_exist_all_the_while_are_on_one_page_each_while_others_come_and_go(client: LocalClient) -> None:
    create(client, *range(0, 2000, 2))
    with ThreadPoolExecutor(1) as threads:
        stop = threading.Event()

        def come_and_go() -> int:
            draw = random.Random(7)
            for turn in itertools.count():
                if stop.is_set():
                    return turn
                number = 2 * draw.randrange(1000) + 1
                client.create(Account, number).exception(10)
                client.delete(client.ref(Account, number)).get(10)
            raise AssertionError

        changing = threads.submit(come_and_go)
        try:
            for _ in range(5):
                seen, after = [], None
                while page := client.list(Account, limit=37, after=after).get(10):
                    seen += keys_of(page)
                    after = page[-1]
                assert seen == sorted(set(seen))
                assert [key for key in seen if key % 2 == 0] == list(range(0, 2000, 2))
        finally:
            stop.set()
        assert changing.result(30) > 5


def test_snapshot_holds_the_attributes_of_each_entity_that_exists(client: LocalClient) -> None:
    ann, bob = create(client, "ann", "bob")
    client.call(Account.add, ann, 3).get(10)
    found = client.snapshot([bob, ann, client.ref(Account, "carl"), ann]).get(10)
    assert found == {bob: {"key": "bob", "money": 0}, ann: {"key": "ann", "money": 3}}
    assert list(found) == [bob, ann]
    assert client.snapshot([]).get(10) == {}


def test_snapshot_is_of_one_moment_however_many_transfers_are_under_way(client: LocalClient) -> None:
    accounts = create(client, *range(20))
    stop = threading.Event()

    def transfer(seed: int) -> None:
        draw = random.Random(seed)
        while not stop.is_set():
            source, target = draw.sample(accounts, 2)
            client.call(Account.send, source, target, draw.randrange(1, 9)).get(10)

    with ThreadPoolExecutor(4) as threads:
        working = [threads.submit(transfer, seed) for seed in range(4)]
        try:
            moved = set()
            for _ in range(60):
                states = client.snapshot(accounts).get(10)
                money = [states[account]["money"] for account in accounts]
                assert sum(money) == 0
                moved.add(tuple(money))
        finally:
            stop.set()
        for future in working:
            future.result(30)
    assert len(moved) > 10, "the snapshots were taken while money moved"


def test_reads_can_be_awaited(client: LocalClient) -> None:
    async def read() -> tuple[Any, ...]:
        ann = await client.create(Account, "ann")
        return await client.list(Account), await client.count(Account), await client.snapshot([ann])

    listed, counted, states = asyncio.run(read())
    assert (keys_of(listed), counted) == (["ann"], 1)
    assert states[listed[0]]["money"] == 0


@pytest.mark.parametrize("limit", [LIST_ENTITIES - 1, LIST_ENTITIES])
def test_largest_page_is_given(limit: int, client: LocalClient) -> None:
    create(client, 1, 2)
    assert len(client.list(Account, limit=limit).get(10)) == 2


def test_page_larger_than_the_largest_is_refused_by_client_and_engine(client: LocalClient) -> None:
    with pytest.raises(LimitExceeded, match="SF530: a page of 10001 entities, more than 10000"):
        client.list(Account, limit=LIST_ENTITIES + 1)
    asked = Request(request_id="r", time_ns=1, operation=Operation.LIST, class_name="Account", args=(None, None, LIST_ENTITIES + 1))
    with pytest.raises(LimitExceeded, match="SF530: a page of 10001 entities"):
        client.send(asked).get(10)


@pytest.mark.parametrize("limit", [0, -1, True, 1.0, None])
def test_page_of_no_size_is_refused(limit: Any, client: LocalClient) -> None:
    with pytest.raises(ConfigurationError, match="SF540: limit is"):
        client.list(Account, limit=limit)


def test_snapshot_of_as_many_as_the_limit_is_taken_and_one_more_is_refused(client: LocalClient, monkeypatch: pytest.MonkeyPatch) -> None:
    refs = [client.ref(Account, number) for number in range(SNAPSHOT_ENTITIES + 1)]
    assert client.snapshot(refs[:-1]).get(30) == {}
    with pytest.raises(LimitExceeded, match="SF530: a snapshot of 10001 entities"):
        client.snapshot(refs)
    asked = Request(request_id="r", time_ns=1, operation=Operation.SNAPSHOT, class_name="", args=tuple(refs))
    with pytest.raises(LimitExceeded, match="SF530: a snapshot of 10001 entities"):
        client.send(asked).get(30)


def test_snapshot_takes_as_much_memory_as_the_limit_and_not_more(client: LocalClient, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = create(client, *range(10))
    assert client._runtime._engine is not None
    one = client._runtime._engine.executor.store.record
    sizes = []

    def record(reference: Any) -> Any:
        found = one(reference)
        sizes.append(found.size)
        return found

    monkeypatch.setattr(client._runtime._engine.executor.store, "record", record)
    assert len(client.snapshot(accounts).get(10)) == 10
    total = sum(sizes[:10])
    assert total > 10 * 900
    for limit, is_taken in ((total + 1, True), (total, True), (total - 1, False)):
        monkeypatch.setattr(reading, "SNAPSHOT_BYTES", limit)
        error = client.snapshot(accounts).exception(10)
        assert (error is None) == is_taken
    assert str(error).startswith("SF530: the first 10 entities of a snapshot take more than")


def test_what_is_no_key_prefix_class_or_reference_is_refused(client: LocalClient) -> None:
    for refused in (1, 1.5, ["a"]):
        with pytest.raises(InvalidKey, match="a prefix is"):
            client.list(Account, prefix=refused)  # type: ignore[arg-type]
        with pytest.raises(InvalidKey, match="a prefix is"):
            client.count(Account, prefix=refused)  # type: ignore[arg-type]
    with pytest.raises(InvalidKey, match="float"):
        client.list(Account, after=1.5)
    with pytest.raises(ConfigurationError, match=r"a list of Account cannot go on after Other\('a'\), which is of another class"):
        client.list(Account, after=client.ref(Other, "a"))
    with pytest.raises(ConfigurationError, match="is not in this flow"):
        client.list(str)
    with pytest.raises(ConfigurationError, match="is not a reference"):
        client.snapshot(["ann"])
    asked = Request(request_id="r", time_ns=1, operation=Operation.SNAPSHOT, class_name="", args=("ann",))
    with pytest.raises(ConfigurationError, match="'ann' is not a reference"):
        client.send(asked).get(10)


def test_requests_that_no_client_sends_are_answered_with_an_error_and_the_engine_goes_on(client: LocalClient) -> None:
    create(client, "ann")
    kept = client.create(Account, "bob")
    strange: list[tuple[Operation, str, tuple[Any, ...]]] = [
        (Operation.LIST, "Account", ()), (Operation.LIST, "Cart", (None, None, 1)), (Operation.LIST, "Account", (None, None, "x")),
        (Operation.COUNT, "Account", (1,)), (Operation.SNAPSHOT, "", (None,)), (Operation.RESULT, "", ()), (Operation.RESULT, "", ("x",)),
    ]  # fmt: skip
    for number, (operation, class_name, args) in enumerate(strange):
        request = Request(request_id=f"strange-{number}", time_ns=number + 1, operation=operation, class_name=class_name, args=args)
        assert client.send(request).exception(10) is not None
    assert kept.get(10) == client.ref(Account, "bob")
    assert client.count(Account).get(10) == 2


def test_memory_does_not_grow_with_entities_that_come_and_go() -> None:
    database = MemoryDatabase()
    with LocalRuntime(FLOW, database=database) as runtime, runtime.client(bind=False) as client:
        for number in range(300):
            client.create(Account, number % 3)
            client.delete(client.ref(Account, number % 3)).get(10)
        assert client.count(Account).get(10) == 0
        assert database._keys == {"Account": {}}
        assert database.entities == {}


class Failing(MemoryDatabase):
    """Fails one commit when it is told to."""

    fails = False

    def commit(self, batch: Any) -> None:
        if self.fails:
            self.fails = False
            raise CommitFailed("SF554: the disk is full")
        super().commit(batch)


def test_a_list_shows_nothing_whose_commit_failed() -> None:
    database = Failing()
    gate = threading.Event()
    with LocalRuntime(FLOW, database=database) as runtime, runtime.client(bind=False) as client:
        client.create(Account, "ann").get(10)
        # The worker stands still in this callback, so that creation and list are in one group.
        client.get(client.ref(Account, "ann"), "money").add_done_callback(lambda _: gate.wait(30))
        lost, listed = client.create(Account, "bob"), client.list(Account)
        database.fails = True
        gate.set()
        assert type(lost.exception(10)) is CommitFailed
        assert keys_of(listed.get(10)) == ["ann"]


def test_reads_that_rest_on_a_commit_that_fails_are_not_answered_with_what_was_lost() -> None:
    database = Failing()
    gate = threading.Event()
    with LocalRuntime(FLOW, database=database) as runtime, runtime.client(bind=False) as client:
        accounts = [created.get(10) for created in [client.create(Account, number) for number in range(200)]]
        client.get(accounts[0], "money").add_done_callback(lambda _: gate.wait(30))
        lost = client.call(Account.add, accounts[0], 5)
        # Short and long ones: only the short ones are kept in the ledger.
        reads = [client.snapshot(accounts[:3]), client.snapshot(accounts), client.result(lost.request_id), client.state(accounts[0])]
        database.fails = True
        gate.set()
        assert [type(read.exception(10)) for read in (lost, *reads)] == [CommitFailed] * 5
        assert client.snapshot(accounts).get(10)[accounts[0]]["money"] == 0


def test_a_read_that_comes_again_with_its_id_is_answered(client: LocalClient) -> None:
    create(client, "ann")
    asked = Request(request_id="r", time_ns=1, operation=Operation.COUNT, class_name="Account", args=(None,))
    assert client.send(asked).get(10) == 1
    assert client.send(asked).get(10) == 1


def test_an_engine_that_cannot_list_says_so() -> None:
    client = Cluster(FLOW, PartitionPlacement(2)).client()
    for ask in (lambda: client.list(Account), lambda: client.count(Account), lambda: client.snapshot([]), lambda: client.result("r")):
        with pytest.raises(ConfigurationError, match="SF540: the engine of this SimulatedClient does not answer client"):
            ask()


def test_after_a_restart_all_that_was_acknowledged_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "bank.db"
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        create(client, *range(100), Kind.GOLD)
    with LocalRuntime(FLOW, path=path) as runtime, runtime.client(bind=False) as client:
        assert keys_of(client.list(Account).get(10)) == [Kind.GOLD, *range(100)]
        assert client.count(Account).get(10) == 101
