"""`__partition__` says which entities live together; whoever has the class and the key comes to the same place."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

import stateflow
from stateflow.core.machine import Machine
from stateflow.core.placement import EntityPlacement, PartitionPlacement, Placement
from stateflow.errors import EntityNotFound, IncompatibleSchema, InvalidPartition
from stateflow.protocol.keys import encode_key, partition_of
from stateflow.protocol.steps import decode_envelope
from stateflow.runtime.local import LocalRuntime
from stateflow.runtime.simulation import Cluster
from tests.unit.dataflow.versions import flow_of

PARTITIONS = 8


@stateflow.entity
class Line:
    def __init__(self, order: str, number: int) -> None:
        self.order, self.number, self.price = order, number, 0

    def __key__(self) -> tuple[str, int]:
        return self.order, self.number

    @staticmethod
    def __partition__(key: tuple[str, int]) -> str:
        return key[0].split("/")[1]

    def reprice(self, price: int) -> int:
        self.price = price
        return price


@stateflow.entity
class Order:
    def __init__(self, name: str) -> None:
        self.name, self.total = name, 0

    def __key__(self) -> str:
        return self.name

    def reprice(self, lines: list[Line], price: int) -> int:
        self.total = 0
        for line in lines:
            self.total += line.reprice(price)
        return self.total


@stateflow.entity
class Bonus(Line):
    """Inherits where it lives."""


class _Counting(Cluster):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sent: Counter[str] = Counter()

    def transmit(self, source: str, target: str, data: bytes) -> None:
        self.sent.update(type(message).__name__ for message in decode_envelope(data).messages)
        super().transmit(source, target, data)


@pytest.mark.parametrize("cls", [Line, Bonus])
def test_entity_lives_where_what_partition_answers_would_live_as_a_key(cls: type) -> None:
    placement = PartitionPlacement(PARTITIONS)
    for order in "abcdefgh":
        places = {placement.home(cls, (f"shop/{order}", number)) for number in range(20)}
        assert places == {placement.home(Order, order)} == {str(partition_of(encode_key(order), PARTITIONS))}
        assert placement.start(cls, (f"shop/{order}", 1), "r") in places


def test_transaction_over_entities_that_live_together_takes_no_move() -> None:
    cluster = _Counting(stateflow.init(Order, Line), PartitionPlacement(PARTITIONS))
    client = cluster.client()
    order = client.wait(client.create(Order, "a"))
    lines = [client.wait(client.create(Line, "shop/a", number)) for number in range(6)]
    cluster.sent.clear()
    assert client.wait(client.call(order, "reprice", lines, 3)) == 18
    assert cluster.sent == {"Start": 1, "Answer": 1}
    assert client.wait(client.get(lines[5], "price")) == 3


def test_entity_that_is_a_place_of_its_own_stays_alone() -> None:
    placement = EntityPlacement()
    assert placement.home(Line, ("shop/a", 1)) != placement.home(Line, ("shop/a", 2))


def _placed(placement: Placement) -> Any:
    cluster = Cluster(stateflow.init(Line), placement)
    client = cluster.client()
    return client, client.wait


def _local(_: None) -> Any:
    client = LocalRuntime(stateflow.init(Line)).client(bind=False)
    return client, lambda future: future.get()


@pytest.mark.parametrize(
    ("make", "placement"), [(_placed, PartitionPlacement(PARTITIONS)), (_placed, EntityPlacement()), (_local, None)]
)
def test_key_without_a_partition_is_refused_at_creation_and_is_of_no_entity_on_every_engine(make: Any, placement: Any) -> None:
    client, wait = make(placement)
    with pytest.raises(InvalidPartition, match=r"SF505: Line.__partition__ gives no partition for the key .*: it raised IndexError"):
        wait(client.create(Line, "a", 1))
    with pytest.raises(EntityNotFound):
        wait(client.call(client.ref(Line, ("a", 1)), "reprice", 3))


def test_answer_that_cannot_be_a_key_is_refused() -> None:
    flow = flow_of(TEXT.format(rule="return [key]"))
    client = LocalRuntime(flow).client(bind=False)
    with pytest.raises(InvalidPartition, match="a list cannot be a key"):
        client.create(flow.classes[0], "a-1").get()


TEXT = """
    @stateflow.entity
    class Part:
        def __init__(self, name: str):
            self.name = name

        def __key__(self) -> str:
            return self.name

        @staticmethod
        def __partition__(key: str) -> str:
            {rule}
"""
WITHOUT = TEXT.partition("        @staticmethod")[0]


def _records_of(text: str) -> dict[str, bytes]:
    """Return what a place keeps in which such an entity was created."""
    flow = flow_of(text)
    cluster = Cluster(flow, PartitionPlacement(1))
    client = cluster.client()
    client.wait(client.create(flow.classes[0], "a-1"))
    return cluster.records["0"]


@pytest.mark.parametrize(
    ("before", "after", "is_taken"),
    [
        (TEXT.format(rule="return key[0]"), TEXT.format(rule="return key[0]"), True),
        (TEXT.format(rule="return key[0]"), TEXT.format(rule="return key[ 0 ]  # the lane").replace("key: str", "key"), True),
        (TEXT.format(rule="return key[0]"), TEXT.format(rule="return key[1]"), False),
        (TEXT.format(rule="return key[0]"), WITHOUT, False),
        (WITHOUT, TEXT.format(rule="return key[0]"), False),
        (WITHOUT, WITHOUT, True),
    ],
)
def test_place_refuses_code_that_would_look_for_its_entities_elsewhere(before: str, after: str, is_taken: bool) -> None:
    records = _records_of(before)
    if is_taken:
        Machine(flow_of(after), "0", PartitionPlacement(1), records)
    else:
        with pytest.raises(IncompatibleSchema, match="SF570: entities of Part are where another `__partition__` put them"):
            Machine(flow_of(after), "0", PartitionPlacement(1), records)
