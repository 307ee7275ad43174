"""Transactions that move between places keep their promises, whatever the order of messages."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

import stateflow
from stateflow.core.placement import EntityPlacement, PartitionPlacement, Placement
from stateflow.errors import MalformedBytes
from stateflow.protocol.steps import Abort, Commit, Envelope, Restart, Start, decode_envelope, encode_envelope
from stateflow.runtime.simulation import Cluster

if TYPE_CHECKING:
    from stateflow.client.future import StateflowFuture


class Refused(Exception):
    """The payer has too little."""


@stateflow.entity
class Purse:
    def __init__(self, owner: str, coins: int) -> None:
        self.owner, self.coins, self.log = owner, coins, []

    def __key__(self) -> str:
        return self.owner

    def add(self, coins: int) -> int:
        self.coins += coins
        return self.coins

    def pay(self, other: Purse, coins: int) -> int:
        self.coins -= coins
        other.add(coins)
        if self.coins < 0:
            raise Refused(self.owner)
        self.log.append(coins)
        return self.coins

    def round_trip(self, others: list[Purse]) -> int:
        total = 0
        for other in others:
            total += other.add(1)
            self.coins -= 1
        return total


class _Counting(Cluster):
    """Counts the messages by kind."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sent: Counter[str] = Counter()

    def transmit(self, source: str, target: str, data: bytes) -> None:
        self.sent.update(type(message).__name__ for message in decode_envelope(data).messages)
        super().transmit(source, target, data)


class _Renewing(_Counting):
    """Each place is made anew from its records before each envelope."""

    renews = True


def _flow() -> Any:
    return stateflow.init(Purse)


def _settle(cluster: Cluster, futures: list[StateflowFuture[Any]]) -> list[Any]:
    while cluster.deliver():
        pass
    assert all(future.done() for future in futures), "a request never ended"
    return [future.exception() or future.get() for future in futures]


PLACEMENTS = [
    *(pytest.param(PartitionPlacement(n), id=f"{n} partitions") for n in (1, 3, 8)),
    pytest.param(EntityPlacement(), id="each entity"),
]


@pytest.mark.parametrize("cluster_class", [_Counting, _Renewing])
@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("seed", range(6))
def test_money_is_constant_and_each_request_takes_effect_once(placement: Placement, seed: int, cluster_class: type[_Counting]) -> None:
    cluster = cluster_class(_flow(), placement, seed=seed)
    chance = random.Random(seed)
    clients = [cluster.client() for _ in range(4)]
    names = "abcde"
    _settle(cluster, [clients[0].create(Purse, name, 20) for name in names])
    futures, amounts = [], []
    for number in range(60):
        client = clients[number % 4]
        payer, payee = chance.sample(names, 2)
        amounts.append((payer, payee, chance.randrange(1, 9)))
        futures.append(client.call(client.ref(Purse, payer), "pay", client.ref(Purse, payee), amounts[-1][2]))
        if chance.random() < 0.2:
            cluster.repeat_last(client.name)
        for _ in range(chance.randrange(6)):
            cluster.deliver()
    outcomes = _settle(cluster, futures)
    states = _settle(cluster, [clients[0].state(clients[0].ref(Purse, name)) for name in names])
    assert sum(state["coins"] for state in states) == 20 * len(names)
    paid = Counter[str]()
    for (payer, payee, coins), outcome in zip(amounts, outcomes, strict=True):
        if not isinstance(outcome, Refused):
            paid[payer] -= coins
            paid[payee] += coins
    assert {state["owner"]: state["coins"] - 20 for state in states} == {name: paid[name] for name in names}
    assert not any(machine.place.under_way() for machine in cluster.machines.values())
    assert not any(machine.dead_letters.all() for machine in cluster.machines.values())


def test_seeds_see_waiting_dying_and_restarting() -> None:
    seen: Counter[str] = Counter()
    for seed in range(8):
        cluster = _Counting(_flow(), EntityPlacement(), seed=seed)
        client = cluster.client()
        _settle(cluster, [client.create(Purse, name, 50) for name in "abc"])
        refs = [client.ref(Purse, name) for name in "abc"]
        _settle(cluster, [client.call(refs[n % 3], "pay", refs[(n + 1) % 3], 1) for n in range(9)])
        seen += cluster.sent
    assert seen["Abort"] > 0
    assert seen["Restart"] > 0
    assert seen["Commit"] > seen["Abort"] / 2


def test_loop_over_many_places_takes_one_move_a_hop_and_one_commit_a_place() -> None:
    cluster = _Counting(_flow(), EntityPlacement())
    client = cluster.client()
    names = [f"n{number}" for number in range(20)]
    _settle(cluster, [client.create(Purse, name, 0) for name in ["root", *names]])
    cluster.sent.clear()
    others = [client.ref(Purse, name) for name in names]
    assert _settle(cluster, [client.call(client.ref(Purse, "root"), "round_trip", others)]) == [20]
    assert cluster.sent["Move"] == 20
    assert cluster.sent["Commit"] == 20


def test_late_abort_of_an_earlier_attempt_changes_nothing() -> None:
    cluster = _Counting(_flow(), EntityPlacement())
    client = cluster.client()
    _settle(cluster, [client.create(Purse, name, 5) for name in "ab"])
    future = client.call(client.ref(Purse, "a"), "pay", client.ref(Purse, "b"), 2)
    home = cluster.machine(cluster.placement.home(Purse, "a")).place
    cluster.run(lambda: home.left.get(future.request_id) is not None)
    home.step(Abort(future.request_id, 0), 1)
    home.step(Commit(future.request_id, 0), 1)
    home.step(Restart(future.request_id, 0), 1)
    assert home.take_sent() == {}
    assert _settle(cluster, [future]) == [3]


def test_malformed_requests_are_answered_with_an_error() -> None:
    cluster = _Counting(_flow(), PartitionPlacement(1))
    client = cluster.client()
    future = client.create(Purse, "a", 1)
    cluster.channels.clear()
    cluster.post(client.name, "0", (Start(future.request_id, 1, "create", "Purse", "", b"\x00garbage", client.name),))
    cluster.run(future.done)
    assert isinstance(future.exception(), MalformedBytes)


def test_envelopes_of_another_version_are_refused() -> None:
    data = encode_envelope(Envelope("a", "b", 1, 0, ()))
    assert decode_envelope(data).target == "b"
    with pytest.raises(MalformedBytes, match="version 9"):
        decode_envelope(data.replace(b"\x01", b"\x09", 1))
    for length in range(len(data)):
        with pytest.raises(MalformedBytes):
            decode_envelope(data[:length])




@pytest.mark.parametrize("seed", range(5))
def test_transactions_that_pause_at_one_place_do_not_make_way_for_one_another_for_ever(seed: int) -> None:
    cluster = _Counting(_flow(), PartitionPlacement(1), seed=seed, suspends=True)
    client = cluster.client()
    names = "abcdef"
    refs = _settle(cluster, [client.create(Purse, name, 50) for name in names])
    chance = random.Random(seed)
    futures = [client.call(refs[n], "round_trip", chance.sample([*refs[:n], *refs[n + 1 :]], 5)) for n in range(6)]
    cluster.run(lambda: all(future.done() for future in futures), max_steps=2_000)
