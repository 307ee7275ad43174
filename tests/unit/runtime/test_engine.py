"""Clients, the embedded engine and compiled classes together."""

from __future__ import annotations

import asyncio
import random
import traceback
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, cast

import pytest

import stateflow
from stateflow.runtime.local import LocalClient, LocalRuntime


class Overdrawn(Exception):
    """An account has less than nothing."""

    def __init__(self, name: str, balance: int) -> None:
        super().__init__(name, balance)
        self.balance = balance


@stateflow.entity
class Account:
    def __init__(self, name: str, balance: int = 0) -> None:
        self.name = name
        self.balance = balance
        self.log: list[str] = []

    @property
    def in_cents(self) -> int:
        return 100 * self.balance

    def add(self, amount: int) -> int:
        self.balance += amount
        self.log.append(f"{amount:+}")
        return self.balance

    def move(self, amount: int, target: Account) -> int:
        target.add(amount)
        if self.balance < amount:
            raise Overdrawn(self.name, self.balance - amount)
        return self.add(-amount)

    async def move_later(self, amount: int, target: Account) -> int:
        return self.move(amount, target)

    def draw(self) -> tuple[float, str, datetime]:
        return random.random(), str(uuid.uuid4()), datetime.now(UTC)

    def split(self, name: str) -> Account:
        other = Account(name)
        self.move(self.balance // 2, other)
        return other

    def close_into(self, target: Account) -> None:
        self.move(self.balance, target)
        stateflow.delete(self)

    def __key__(self) -> str:
        return self.name


@pytest.fixture(scope="module")
def flow() -> Any:
    return stateflow.init(Account)


@pytest.fixture(params=[False, True], ids=["inline", "suspended"])
def client(flow: Any, request: pytest.FixtureRequest) -> Iterator[LocalClient]:
    with LocalRuntime(flow, suspend_everywhere=request.param) as runtime, runtime.client(bind=False) as client:
        yield client


def balances(client: LocalClient, *accounts: Account) -> list[int]:
    return [client.get(account, "balance").get(10) for account in accounts]


def open_accounts(client: LocalClient, count: int, balance: int) -> list[Account]:
    futures = [client.create(Account, f"a{n}", balance) for n in range(count)]
    return [future.get(10) for future in futures]


def test_threads_and_tasks_together_lose_no_money(client: LocalClient) -> None:
    accounts = open_accounts(client, 6, 50)

    def from_thread(seed: int) -> int:
        draw, refused = random.Random(seed), 0
        for _ in range(25):
            source, target = draw.sample(accounts, 2)
            error = client.call(Account.move, source, draw.randrange(60), target).exception(10)
            assert error is None or isinstance(error, Overdrawn)
            refused += error is not None
        return refused

    async def from_tasks(seed: int) -> int:
        draw = random.Random(seed)
        pairs = [draw.sample(accounts, 2) for _ in range(25)]
        futures = [client.call(Account.move_later, source, draw.randrange(60), target) for source, target in pairs]
        done = await asyncio.gather(*futures, return_exceptions=True)
        return sum(isinstance(answer, Overdrawn) for answer in done)

    with ThreadPoolExecutor(6) as threads:
        running = [threads.submit(from_thread, seed) for seed in range(3)]
        running += [threads.submit(asyncio.run, from_tasks(seed)) for seed in range(3, 6)]
        refused = sum(done.result(30) for done in running)
    states = [client.state(account).get(10) for account in accounts]
    assert sum(state["balance"] for state in states) == 300
    assert min(state["balance"] for state in states) >= 0
    assert sum(len(state["log"]) for state in states) == 2 * (150 - refused), "a refused move leaves no trace"
    assert refused > 0


def test_an_exception_undoes_the_request_and_arrives_as_itself(client: LocalClient) -> None:
    ann, bob = open_accounts(client, 2, 10)
    with pytest.raises(Overdrawn) as caught:
        client.call(Account.move, ann, 30, bob).get(10)
    assert (caught.value.args, caught.value.balance) == (("a0", -20), -20)
    assert balances(client, ann, bob) == [10, 10]
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert (frames[-1].filename, frames[-1].name) == (__file__, "move")


def test_wrong_arguments_are_the_methods_own_type_error(client: LocalClient) -> None:
    (ann,) = open_accounts(client, 1, 10)
    with pytest.raises(TypeError, match=r"add\(\) missing 1 required positional argument: 'amount'"):
        client.call(ann, "add").get(10)
    with pytest.raises(TypeError, match="positional arguments"):
        client.call(ann, "add", 1, 2).get(10)
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'name'"):
        cast("Any", client).create(Account).get(10)


def test_a_created_entity_is_returned_as_a_reference_of_the_client(client: LocalClient) -> None:
    (ann,) = open_accounts(client, 1, 10)
    child = client.call(Account.split, ann, "child").get(10)
    assert child is client.ref(Account, "child")
    assert balances(client, ann, child) == [5, 5]


def test_deletion_and_creation_answer_for_existence(client: LocalClient) -> None:
    ann, bob = open_accounts(client, 2, 10)
    with pytest.raises(stateflow.EntityAlreadyExists, match="a0"):
        client.create(Account, "a0").get(10)
    client.call(Account.close_into, ann, bob).get(10)
    for future in (client.state(ann), client.delete(ann), client.get(ann, "balance"), client.call(Account.add, ann, 1)):
        with pytest.raises(stateflow.EntityNotFound, match="a0"):
            future.get(10)
    client.delete(bob).get(10)
    assert client.create(Account, "a0", 3).get(10) is ann
    assert balances(client, ann) == [3]


def test_reading_and_assigning_from_outside_mean_what_they_mean_inside(client: LocalClient) -> None:
    (ann,) = open_accounts(client, 1, 10)
    client.set(ann, "balance", 7).get(10)
    assert client.get(ann, "in_cents").get(10) == 700
    with pytest.raises(AttributeError, match="no setter"):
        client.set(ann, "in_cents", 3).get(10)
    with pytest.raises(AttributeError, match="no attribute 'colour'"):
        client.get(ann, "colour").get(10)


def test_assigning_the_key_from_outside_is_refused_and_undone(client: LocalClient) -> None:
    (ann,) = open_accounts(client, 1, 10)
    with pytest.raises(stateflow.KeyChanged, match="a0"):
        client.set(ann, "name", "b").get(10)
    assert client.get(ann, "name").get(10) == "a0"


def test_what_a_client_gets_and_gives_is_its_own_copy(client: LocalClient) -> None:
    (ann,) = open_accounts(client, 1, 10)
    given = ["mine"]
    client.set(ann, "log", given).get(10)
    given.append("changed later")
    client.state(ann).get(10)["log"].append("changed in a reply")
    assert client.state(ann).get(10) == {"name": "a0", "balance": 10, "log": ["mine"]}


def test_a_reference_of_one_client_works_with_another(flow: Any) -> None:
    with LocalRuntime(flow) as runtime:
        first, second = runtime.client(bind=False), runtime.client(bind=False)
        ann, bob = open_accounts(first, 2, 10)
        assert second.call(Account.move, second.ref(Account, "a0"), 4, bob).get(10) == 6
        assert balances(first, ann, bob) == [6, 14]


def test_a_bound_client_speaks_through_the_classes(flow: Any) -> None:
    bound: Any = Account
    with LocalRuntime(flow) as runtime, runtime.client():
        ann, bob = bound("ann", 10).get(10), bound("bob").get(10)
        assert ann.move(4, bob).get(10) == 6
        assert bound.by_key("bob").balance.get(10) == 4
        assert ann.split("child").get(10).balance.get(10) == 3, "inside a method the bound class creates too"

        async def later() -> list[int]:
            return [await ann.move_later(1, bob), await bob.balance]

        assert asyncio.run(later()) == [2, 5]
    assert vars(Account("ann", 3)) == {"name": "ann", "balance": 3, "log": []}


def test_one_seed_and_clock_draw_the_same_in_every_run(flow: Any) -> None:
    def drawn(seed: int | None) -> tuple[float, str, datetime]:
        with LocalRuntime(flow, seed=seed, clock=lambda: 1_700_000_000_000_000_000) as runtime:
            client = runtime.client(bind=False)
            return client.call(Account.draw, open_accounts(client, 1, 10)[0]).get(10)

    assert drawn(5) == drawn(5)
    assert drawn(5)[:2] != drawn(6)[:2]
    assert drawn(None)[:2] != drawn(None)[:2]
    assert drawn(None)[2] == datetime.fromtimestamp(1_700_000_000, UTC)


def test_replies_left_when_the_runtime_closes_still_arrive(flow: Any) -> None:
    runtime = LocalRuntime(flow)
    client = runtime.client(bind=False)
    (ann,) = open_accounts(client, 1, 10)
    futures = [client.call(Account.add, ann, 1) for _ in range(50)]
    runtime.close()
    answers = [future.exception(10) or future.get() for future in futures]
    ran = [answer for answer in answers if isinstance(answer, int)]
    assert ran == list(range(11, 11 + len(ran)))
    assert all(isinstance(answer, stateflow.ClientClosed) for answer in answers[len(ran) :])
