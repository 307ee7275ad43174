"""Methods that are proved to be read-only share entities, and transactions stay strictly serializable."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

import stateflow
from stateflow.core.entities import label_of
from stateflow.core.placement import EntityPlacement, PartitionPlacement, Placement
from stateflow.protocol.steps import Commit, decode_envelope
from stateflow.runtime.simulation import Cluster

if TYPE_CHECKING:
    from stateflow.client.future import StateflowFuture
    from stateflow.core.machine import Machine
    from stateflow.core.saved import Lock
    from stateflow.core.store import Record


@stateflow.entity
class Pot:
    def __init__(self, name: str, coins: int) -> None:
        self.name, self.coins = name, coins
        self.numbers = iter([1, 2, 3])

    def __key__(self) -> str:
        return self.name

    def amount(self) -> int:
        return self.coins

    def move(self, other: Pot, coins: int) -> int:
        self.coins -= coins
        other.add(coins)
        return self.coins

    def add(self, coins: int) -> None:
        self.coins += coins

    def taken(self) -> list[int]:
        return list(self.numbers)

    def taken_in_vain(self) -> None:
        raise ValueError(list(self.numbers))


@stateflow.entity
class Teller:
    def __init__(self, name: str, pots: list[Pot]) -> None:
        self.name, self.pots = name, pots

    def __key__(self) -> str:
        return self.name

    def total(self) -> int:
        return sum(pot.amount() for pot in self.pots)

    def rename(self, name: str) -> None:
        self.label = name


class _Counting(Cluster):
    """Keeps the commits that were sent, and how many readers shared one entity at most."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commits: list[Commit] = []
        self.most_readers = 0

    def transmit(self, source: str, target: str, data: bytes) -> None:
        self.commits += [message for message in decode_envelope(data).messages if isinstance(message, Commit)]
        super().transmit(source, target, data)
        shared = [len(lock.readers) for machine in self.machines.values() for lock in _locks(machine)]
        self.most_readers = max([self.most_readers, *shared])


def _locks(machine: Machine) -> list[Lock]:
    section = machine.place.locks
    return [lock for lock in map(section.get, [label_of(record) for record in _entities(machine)]) if lock is not None]


def _entities(machine: Machine) -> list[Record]:
    return [record for record in machine.place.store.records.values() if machine.place.home_of(record) == machine.name]


class _Renewing(_Counting):
    """Each place is made anew from its records before each envelope."""

    renews = True


PLACEMENTS = [
    *(pytest.param(PartitionPlacement(n), id=f"{n} partitions") for n in (1, 4)),
    pytest.param(EntityPlacement(), id="each entity"),
]
NAMES = "abcdef"


def _settle(cluster: Cluster, futures: list[StateflowFuture[Any]]) -> list[Any]:
    while cluster.deliver():
        pass
    assert all(future.done() for future in futures), "a request never ended"
    return [future.get() for future in futures]


def _world(cluster: Cluster, *, with_numbers: bool = False) -> tuple[Any, list[Any], Any]:
    client = cluster.client()
    _settle(cluster, [client.create(Pot, name, 10) for name in NAMES])
    pots = [client.ref(Pot, name) for name in NAMES]
    if not with_numbers:
        # An iterator changes when it is read, so an entity that holds one is never shared.
        _settle(cluster, [client.set(pot, "numbers", None) for pot in pots])
    _settle(cluster, [client.create(Teller, "t", pots)])
    return client, pots, client.ref(Teller, "t")


def test_the_methods_here_are_what_the_tests_take_them_for() -> None:
    flow = stateflow.init(Pot, Teller)
    assert all(flow.is_read_only(Pot, name) for name in ("amount", "taken", "taken_in_vain"))
    assert not any(flow.is_read_only(Pot, name) for name in ("move", "add"))
    assert flow.is_read_only(Teller, "total")


@pytest.mark.parametrize("cluster_type", [_Counting, _Renewing])
def test_many_readers_hold_one_entity_at_the_same_time_over_several_places(cluster_type: type[_Counting]) -> None:
    cluster = cluster_type(stateflow.init(Pot, Teller), EntityPlacement())
    client, _, teller = _world(cluster)
    assert _settle(cluster, [client.call(teller, "total") for _ in range(8)]) == [60] * 8
    assert cluster.most_readers == 8


def test_readers_never_die_of_one_another() -> None:
    cluster = _Counting(stateflow.init(Pot, Teller), EntityPlacement(), seed=3)
    client, _, teller = _world(cluster)
    before = cluster.delivered
    _settle(cluster, [client.call(teller, "total") for _ in range(20)])
    # A request, six moves, a commit for each place but the last, an answer, each.
    assert cluster.delivered - before == 20 * (1 + 6 + 6 + 1)


@pytest.mark.parametrize("cluster_type", [_Counting, _Renewing])
@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("seed", range(8))
def test_readers_see_each_transfer_whole_or_not_at_all(placement: Placement, seed: int, cluster_type: type[_Counting]) -> None:
    cluster = cluster_type(stateflow.init(Pot, Teller), placement, seed=seed)
    client, pots, teller = _world(cluster)
    chance = random.Random(seed)
    totals: list[StateflowFuture[Any]] = []
    moves: list[StateflowFuture[Any]] = []
    for _ in range(40):
        if chance.random() < 0.6:
            totals.append(client.call(teller, "total"))
        else:
            payer, payee = chance.sample(pots, 2)
            moves.append(client.call(payer, "move", payee, chance.randrange(5)))
        if chance.random() < 0.2:
            cluster.repeat_last(client.name)
        for _ in range(chance.randrange(8)):
            cluster.deliver()
    _settle(cluster, moves)
    assert _settle(cluster, totals) == [60] * len(totals)
    assert not any(machine.place.under_way() for machine in cluster.machines.values())


@pytest.mark.parametrize("seed", range(8))
def test_a_writer_is_not_starved_by_readers_that_keep_coming(seed: int) -> None:
    cluster = _Counting(stateflow.init(Pot, Teller), EntityPlacement(), seed=seed)
    client, pots, teller = _world(cluster)
    readers = [client.call(teller, "total") for _ in range(4)]
    for _ in range(10):
        cluster.deliver()
    writers = [client.call(pots[0], "move", pots[3], 1), client.call(teller, "rename", "x")]
    before = cluster.delivered
    while not all(writer.done() for writer in writers):
        # As soon as one reader ends the next one begins: without its turn in the queue the writer would never find the entity free.
        readers += [client.call(teller, "total") for _ in range(4 - sum(not reader.done() for reader in readers))]
        assert cluster.deliver()
        assert cluster.delivered - before < 1500
    assert set(_settle(cluster, readers)) == {60}


@pytest.mark.parametrize("cluster_type", [_Counting, _Renewing])
@pytest.mark.parametrize("seed", range(2))
def test_a_read_that_changes_an_iterator_in_a_state_happens_once_and_is_undone(seed: int, cluster_type: type[_Counting]) -> None:
    cluster = cluster_type(stateflow.init(Pot, Teller), EntityPlacement(), seed=seed)
    client, pots, _ = _world(cluster, with_numbers=True)
    in_vain = client.call(pots[0], "taken_in_vain")
    cluster.run(in_vain.done)
    assert isinstance(in_vain.exception(), ValueError)
    taken = _settle(cluster, [client.call(pots[0], "taken") for _ in range(3)])
    assert sorted(taken) == [[], [], [1, 2, 3]]
    assert cluster.most_readers == 0


def test_commits_of_readers_carry_no_states() -> None:
    cluster = _Counting(stateflow.init(Pot, Teller), EntityPlacement())
    client, _, teller = _world(cluster)
    cluster.commits.clear()
    _settle(cluster, [client.call(teller, "total")])
    assert len(cluster.commits) == len(NAMES)
    assert all(commit.states == () for commit in cluster.commits)
