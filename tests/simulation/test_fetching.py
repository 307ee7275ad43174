"""A transaction that others would wait for fetches the entity that it wants next, and only then locks its own."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import stateflow
from stateflow.core.placement import EntityPlacement
from stateflow.core.saved import Lock
from stateflow.errors import EntityNotFound
from stateflow.limits import FETCH_BYTES
from stateflow.protocol.steps import Commit, Move, decode_envelope
from stateflow.runtime.simulation import Cluster

PAYMENTS = 4


@stateflow.entity
class Till:
    def __init__(self, name: str, coins: int, note: str) -> None:
        self.name, self.coins, self.note = name, coins, note

    def __key__(self) -> str:
        return self.name

    def add(self, coins: int) -> int:
        self.coins += coins
        return self.coins

    def pay(self, other: Till, coins: int) -> int:
        self.coins -= coins
        other.add(coins)
        if self.coins < 0:
            raise ValueError(self.name)
        return self.coins

    def close(self, other: Till, coins: int) -> int:
        self.coins -= coins
        stateflow.delete(other)
        return self.coins


class _Watched(Cluster):
    """Notes for how many deliveries the payer was locked, and the moves."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.moves: list[Move] = []
        self.commits: list[Commit] = []
        self.held: list[str] = []

    def transmit(self, source: str, target: str, data: bytes) -> None:
        messages = decode_envelope(data).messages
        self.moves += [message for message in messages if isinstance(message, Move)]
        self.commits += [message for message in messages if isinstance(message, Commit)]
        super().transmit(source, target, data)

    def deliver(self) -> bool:
        delivered = super().deliver()
        for records in self.records.values():
            locks = [msgspec.msgpack.decode(data, type=Lock) for key, data in records.items() if key.startswith(f"l/Till/{PAYER}")]
            self.held += [lock.holder for lock in locks if lock.holder not in self.held]
        return delivered


class _Renewing(_Watched):
    renews = True


PAYER = EntityPlacement().home(Till, "payer").rpartition("/")[2]


def _pay(
    cluster_class: type[_Watched], *, method: str = "pay", coins: int = 20, note: str = "", exists: bool = True
) -> tuple[_Watched, list[Any], list[Any]]:
    """Let four pay from one till to four others; return the cluster, the replies, and the coins of all five."""
    cluster = cluster_class(stateflow.init(Till), EntityPlacement())
    client = cluster.client("c")
    payer = client.wait(client.create(Till, "payer", coins, ""))
    others = [client.ref(Till, f"other-{number}") for number in range(PAYMENTS)]
    if exists:
        for other in others:
            client.wait(client.create(Till, other._sf_key, 0, note))
    _drain(cluster)
    cluster.moves.clear()
    cluster.commits.clear()
    futures = [client.call(payer, method, other, 2) for other in others]
    _drain(cluster)
    states = [client.state(reference) for reference in (payer, *others)]
    _drain(cluster)
    assert not any(machine.place.under_way() for machine in cluster.machines.values())
    replies = [future.exception() or future.get() for future in futures]
    return cluster, replies, [None if state.exception() else state.get()["coins"] for state in states]


def _drain(cluster: Cluster) -> None:
    while cluster.deliver():
        pass


def _fetched(cluster: _Watched) -> int:
    return sum(b"begin" in move.context for move in cluster.moves)


@pytest.mark.parametrize("cluster_class", [_Watched, _Renewing])
def test_payer_is_kept_locked_by_the_first_and_the_last_of_those_that_wait_for_it_only(cluster_class: type[_Watched]) -> None:
    cluster, replies, coins = _pay(cluster_class)
    assert sorted(replies) == [12, 14, 16, 18]
    assert coins == [12, 2, 2, 2, 2]
    # Between two messages only two had it: the first, for whom nobody waited, and the last, after whom nobody did.
    assert len(cluster.held) == 2
    assert _fetched(cluster) == PAYMENTS - 2
    assert len(cluster.moves) == 2 + 2 * _fetched(cluster)
    assert len(cluster.commits) == PAYMENTS


@pytest.mark.parametrize("cluster_class", [_Watched, _Renewing])
def test_fetched_entity_is_as_it_was_when_its_transaction_fails(cluster_class: type[_Watched]) -> None:
    cluster, replies, coins = _pay(cluster_class, coins=5)
    assert _fetched(cluster) == PAYMENTS - 2
    assert sorted(str(reply) for reply in replies) == ["1", "3", "payer", "payer"]
    assert coins[0] == 1
    assert sum(coins[1:]) == 4


def test_fetched_entity_can_be_deleted() -> None:
    cluster, replies, coins = _pay(_Watched, method="close")
    assert _fetched(cluster) > 0
    assert sorted(replies) == [12, 14, 16, 18]
    assert coins == [12, None, None, None, None]


def test_entity_that_does_not_exist_is_fetched_as_such() -> None:
    cluster, replies, coins = _pay(_Watched, exists=False)
    assert _fetched(cluster) > 0
    assert [type(reply) for reply in replies] == [EntityNotFound] * PAYMENTS
    assert coins == [20, None, None, None, None]


@pytest.mark.parametrize(("room", "is_carried"), [(0, True), (1, False)])
def test_entity_is_brought_along_up_to_a_size(room: int, is_carried: bool) -> None:
    outside = _stored_bytes(_pay(_Watched, note="n" * 1_000)[0]) - 1_000
    cluster, replies, _ = _pay(_Watched, note="n" * (FETCH_BYTES - outside + room))
    assert _stored_bytes(cluster) == FETCH_BYTES + room
    assert sorted(replies) == [12, 14, 16, 18]
    brought = [move for move in cluster.moves if b"begin" in move.context]
    assert [len(move.context) > FETCH_BYTES for move in brought] == [is_carried] * (PAYMENTS - 2)


def _stored_bytes(cluster: Cluster) -> int:
    records = cluster.records[EntityPlacement().home(Till, "other-1")]
    return next(len(data) for key, data in records.items() if key.startswith("e/"))
