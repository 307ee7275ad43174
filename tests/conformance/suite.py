"""The tests. A module that runs them on its engines imports all of them and defines the fixture `engine`."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

import stateflow
from stateflow.protocol.messages import Operation
from tests.judge.compiled import CompiledWorld, own_key
from tests.judge.corpus import Program, all_programs, entity_classes
from tests.programs.test_programs import judged
from tests.unit.dataflow.versions import flow_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stateflow.client.base import StateflowClient
    from stateflow.client.future import StateflowFuture
    from tests.conformance.engine import Engine, Session

__all__ = [
    "session",
    "test_new_code_goes_on_with_the_states_of_the_former",
    "test_program_answers_as_cpython_does",
    "test_repeated_request_takes_effect_once_and_has_the_same_reply",
    "test_request_that_another_one_had_the_id_of_is_refused",
    "test_transfers_at_the_same_time_are_all_or_nothing",
    "test_transfers_take_effect_once_when_the_engine_is_restarted_among_them",
]

NAMES = "abcde"
COINS = 20
PAYMENTS = 40


class Refused(Exception):
    """The payer has too little."""


@stateflow.entity
class Purse:
    def __init__(self, owner: str, coins: int) -> None:
        self.owner, self.coins, self.paid = owner, coins, 0

    def __key__(self) -> str:
        return self.owner

    def add(self, coins: int) -> int:
        self.coins += coins
        return self.coins

    def pay(self, other: Purse, coins: int) -> int:
        self.coins -= coins
        self.paid += 1
        other.add(coins)
        if self.coins < 0:
            raise Refused(self.owner)
        return self.paid


class _World(CompiledWorld):
    def __init__(self, session: Session) -> None:
        super().__init__(session.client(bind=True))
        self._session = session

    def wait(self, future: StateflowFuture[Any]) -> Any:
        return self._session.wait(future)


@pytest.mark.parametrize("program", [pytest.param(program, id=program.name) for program in all_programs()])
def test_program_answers_as_cpython_does(engine: Engine, program: Program, tmp_path: Path) -> None:
    expected, known = judged(program)
    module = program.load()
    session = engine.open(stateflow.init(*entity_classes(module)), tmp_path)
    try:
        world = _World(session)
        module.script(world)
        actual = world.finish([(getattr(module, name), own_key(module, key)) for name, key in known])
    finally:
        session.close()
    assert actual.outcomes == expected.outcomes
    assert actual.states == expected.states


@pytest.fixture
def session(engine: Engine, tmp_path: Path) -> Iterator[Session]:
    """Purses with coins."""
    session = engine.open(stateflow.init(Purse), tmp_path)
    client = session.client()
    for name in NAMES:
        session.wait(client.create(Purse, name, COINS))
    yield session
    session.close()


def _pay(client: StateflowClient, number: int, payment: tuple[str, str, int]) -> StateflowFuture[Any]:
    payer, payee, coins = payment
    return client.request(Operation.CALL, Purse, payer, "pay", (client.ref(Purse, payee), coins), {}, request_id=f"payment-{number}")


def _payments(seed: int) -> list[tuple[str, str, int]]:
    draw = random.Random(seed)
    return [(*draw.sample(NAMES, 2), draw.randrange(1, 12)) for _ in range(PAYMENTS)]  # type: ignore[misc]


def _outcome(session: Session, future: StateflowFuture[Any]) -> object:
    try:
        return session.wait(future)
    except Refused as refused:
        return str(refused)


def _check(session: Session, payments: list[tuple[str, str, int]], outcomes: list[object]) -> None:
    """Compare what the purses hold with what the replies say."""
    coins, paid = dict.fromkeys(NAMES, COINS), dict.fromkeys(NAMES, 0)
    for (payer, payee, given), outcome in zip(payments, outcomes, strict=True):
        if outcome != payer:
            coins[payer] -= given
            coins[payee] += given
            paid[payer] += 1
    client = session.client()
    states = {name: session.wait(client.state(client.ref(Purse, name))) for name in NAMES}
    assert {name: (state["coins"], state["paid"]) for name, state in states.items()} == {name: (coins[name], paid[name]) for name in NAMES}
    # Each that was made tells which of its payer it was.
    told = sorted((payer, outcome) for (payer, _, _), outcome in zip(payments, outcomes, strict=True) if outcome != payer)
    assert told == [(name, number + 1) for name in NAMES for number in range(paid[name])]
    assert len(told) < PAYMENTS, "nothing was refused"


@pytest.mark.parametrize("seed", range(2))
def test_transfers_at_the_same_time_are_all_or_nothing(session: Session, seed: int) -> None:
    payments = _payments(seed)
    clients = [session.client() for _ in range(3)]
    futures = [_pay(clients[number % 3], number, payment) for number, payment in enumerate(payments)]
    _check(session, payments, [_outcome(session, future) for future in futures])


@pytest.mark.parametrize("seed", range(2))
def test_transfers_take_effect_once_when_the_engine_is_restarted_among_them(session: Session, seed: int) -> None:
    payments = _payments(seed)
    known: dict[int, object] = {}
    for until in (10, 20, 30, PAYMENTS):
        client = session.client()
        # All are sent again, those with a reply too.
        futures = [_pay(client, number, payment) for number, payment in enumerate(payments[:until])]
        for number in range(until - 7):
            outcome = _outcome(session, futures[number])
            assert known.setdefault(number, outcome) == outcome
        session.restart()
    client = session.client()
    outcomes = [_outcome(session, _pay(client, number, payment)) for number, payment in enumerate(payments)]
    assert [outcomes[number] for number in known] == list(known.values())
    _check(session, payments, outcomes)


def test_repeated_request_takes_effect_once_and_has_the_same_reply(session: Session) -> None:
    first, second = session.client(), session.client()
    payment = ("a", "b", 3)
    assert [session.wait(_pay(client, 1, payment)) for client in (first, second, first)] == [1, 1, 1]
    assert session.wait(first.state(first.ref(Purse, "b")))["coins"] == COINS + 3


def test_request_that_another_one_had_the_id_of_is_refused(session: Session) -> None:
    client = session.client()
    session.wait(_pay(client, 1, ("a", "b", 3)))
    with pytest.raises(stateflow.RequestIdReused):
        session.wait(_pay(client, 1, ("a", "b", 4)))
    assert session.wait(client.get(client.ref(Purse, "a"), "coins")) == COINS - 3


FORMER = """
    @stateflow.entity
    class Wallet:
        def __init__(self, owner: str):
            self.owner, self.coins = owner, 10

        def __key__(self) -> str:
            return self.owner

        def take(self, coins: int) -> int:
            self.coins += coins
            return self.coins
"""
LATER = """
    @stateflow.entity
    class Wallet:
        __version__ = 1

        def __init__(self, owner: str):
            self.owner, self.cents = owner, 1_000

        def __key__(self) -> str:
            return self.owner

        def __upgrade__(self, state):
            self.cents = state["coins"] * 100

        def take(self, coins: int) -> int:
            self.cents += coins * 100
            return self.cents

        def give(self, other: "Wallet", coins: int) -> int:
            self.cents -= coins * 100
            return other.take(coins)
"""


def test_new_code_goes_on_with_the_states_of_the_former(engine: Engine, tmp_path: Path) -> None:
    session = engine.open(flow_of(FORMER), tmp_path)
    client = session.client()
    (wallet,) = client.flow.classes
    for owner in NAMES:
        session.wait(client.create(wallet, owner))
    assert session.wait(client.call(client.ref(wallet, "a"), "take", 5)) == 15
    flow = flow_of(LATER)
    session.restart(flow)
    client = session.client()
    (wallet,) = flow.classes
    assert session.wait(client.call(client.ref(wallet, "a"), "give", client.ref(wallet, "b"), 2)) == 1_200
    assert [session.wait(client.state(client.ref(wallet, owner)))["cents"] for owner in NAMES] == [1_300, 1_200, 1_000, 1_000, 1_000]
    session.close()
