"""States of former versions of a class are taken over at the places of a distributed engine, wherever they were when the code changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from stateflow.core.placement import EntityPlacement, PartitionPlacement
from stateflow.errors import IncompatibleSchema, PlaceStopped
from stateflow.protocol.steps import Commit, Move, decode_envelope
from stateflow.runtime.simulation import Cluster
from tests.unit.dataflow.versions import flow_of

if TYPE_CHECKING:
    from stateflow.core.placement import Placement
    from stateflow.dataflow import Dataflow
    from stateflow.protocol.steps import Message

FIRST = """
@stateflow.entity
class Wallet:
    def __init__(self, owner: str):
        self.owner = owner
        self.coins = 10

    def __key__(self) -> str:
        return self.owner

    def pay(self, other: "Wallet", coins: int) -> int:
        self.coins -= coins
        other.take(coins)
        return self.coins

    def take(self, coins: int) -> int:
        self.coins += coins
        return self.coins
"""
SECOND = FIRST.replace("self.coins = 10", "self.coins = 10\n        self.log: list[int] = []").replace(
    "self.coins += coins", "self.coins += coins\n        self.log.append(coins)"
)
RENAMED = SECOND.replace("Wallet", "Purse").replace("@stateflow.entity", '@stateflow.renamed("Wallet")\n@stateflow.entity')
NEEDY = FIRST.replace("owner: str)", "owner: str, limit: int)").replace("self.coins = 10", "self.coins = 10\n        self.limit = limit")


def _resume(old: Cluster, flow: Dataflow) -> Cluster:
    """Return a cluster of other code that goes on where another one stands."""
    new = Cluster(flow, old.placement)
    new.records = old.records
    new.channels = old.channels
    return new


def _run(cluster: Cluster, name: str, *requests: tuple[Any, ...]) -> list[Any]:
    """Send requests, deliver everything, return the replies."""
    client = cluster.client(name)
    (cls,) = cluster.flow.classes
    sent = []
    for key, method, *args in requests:
        sent.append(client.call(client.ref(cls, key), method, *args) if method else client.create(cls, key))
    cluster.run(lambda: all(future.done() for future in sent))
    while cluster.deliver():
        pass
    return [future.exception() or future.get() for future in sent]


def _ref(cluster: Cluster, name: str, key: str) -> Any:
    return cluster.clients[name].ref(cluster.flow.classes[0], key)


@pytest.mark.parametrize("placement", [PartitionPlacement(1), PartitionPlacement(4)])
@pytest.mark.parametrize("source", [SECOND, RENAMED])
def test_new_code_goes_on_with_states_that_former_code_wrote(placement: Placement, source: str) -> None:
    old = Cluster(flow_of(FIRST), placement)
    _run(old, "one", *[(key, "") for key in "abcdef"])
    _run(old, "two", *[(key, "take", 5) for key in "abc"])
    new = _resume(old, flow_of(source))
    new.client("three")
    assert _run(new, "four", ("a", "take", 1), ("d", "take", 2)) == [16, 12]
    assert _run(new, "five", ("b", "pay", _ref(new, "three", "c"), 3)) == [12]
    states = [new.clients["five"].state(_ref(new, "five", key)) for key in "abcd"]
    new.run(lambda: all(state.done() for state in states))
    assert [(state.get()["coins"], state.get()["log"]) for state in states] == [(16, [1]), (12, []), (18, [3]), (12, [2])]
    again = _resume(new, flow_of(source))
    assert _run(again, "six", ("a", "take", 0), ("c", "take", 0)) == [16, 18]


def test_state_that_comes_home_after_an_upgrade_is_kept_as_what_it_is() -> None:
    old, home = _stop_before_commit()
    new = _resume(old, flow_of(SECOND))
    assert _run(new, "later", ("a", "take", 0), ("b", "take", 0)) == [7, 13]
    assert not any(machine.place.under_way() for machine in new.machines.values())
    assert home in new.machines


def test_state_of_an_unknown_version_stops_its_home_and_changes_nothing() -> None:
    old, home = _stop_before_commit()
    # As if the home had never seen the code that sent it.
    del old.records[home]["versions"]
    before = dict(old.records[home])
    new = _resume(old, flow_of(SECOND))
    with pytest.raises(PlaceStopped, match=r"SF580.*a state of Wallet was sent by code that it does not know"):
        new.run(lambda: False)
    assert new.records[home] == before


def test_entity_that_travels_while_its_class_gets_other_fields_is_never_taken_for_one_with_these() -> None:
    old = Cluster(flow_of(FIRST), EntityPlacement())
    _run(old, "one", ("a", ""), ("b", ""))
    client = old.client("two")
    (cls,) = old.flow.classes
    paid = client.call(client.ref(cls, "a"), "pay", client.ref(cls, "b"), 3)
    old.run(lambda: any(isinstance(message, Move) for message in _under_way(old)))
    # `pay` itself is the same in the new code, so that nothing but the payer's state speaks against going on with it.
    new = _resume(old, flow_of(SECOND))
    new.clients["two"] = client
    new.run(paid.done)
    assert str(paid.exception()) == "SF573: an object of Wallet travelled while its class changed, and the new code cannot go on with it"
    assert _run(new, "later", ("a", "take", 0), ("b", "take", 0)) == [10, 10]
    assert not any(machine.place.under_way() for machine in new.machines.values())


def _under_way(cluster: Cluster) -> list[Message]:
    return [message for channel in cluster.channels.values() for data in channel for message in decode_envelope(data).messages]


def _stop_before_commit() -> tuple[Cluster, str]:
    """Return a cluster in which a payment is decided and its commit is under way, and the place that the commit is for."""
    placement = EntityPlacement()
    old = Cluster(flow_of(FIRST), placement)
    _run(old, "one", ("a", ""), ("b", ""))
    client = old.client("two")
    (cls,) = old.flow.classes
    paid = client.call(client.ref(cls, "a"), "pay", client.ref(cls, "b"), 3)
    home = placement.home(cls, "a")

    def is_decided() -> bool:
        waiting = [decode_envelope(data) for (_, target), channel in old.channels.items() if target == home for data in channel]
        return any(isinstance(message, Commit) and message.states for envelope in waiting for message in envelope.messages)

    old.run(is_decided)
    assert not paid.done()
    for source, target in list(old.channels):
        if target in old.clients:
            del old.channels[source, target]
    return old, home


def test_code_that_cannot_take_states_over_is_refused_when_a_place_is_opened() -> None:
    old = Cluster(flow_of(FIRST), PartitionPlacement(1))
    _run(old, "one", ("a", ""))
    with pytest.raises(IncompatibleSchema, match="SF570"):
        _resume(old, flow_of(NEEDY)).machine("0")
