"""TPC-C as a workload."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateflow.bench.workload import Ask, Condition, Workload
from stateflow.bench.workloads.tpcc import conditions, filling, requests
from stateflow.bench.workloads.tpcc.entities import Customer, District, Item, Namesakes, Order, Payment, Stock, Warehouse
from stateflow.bench.workloads.tpcc.size import Cardinality

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from stateflow.bench.workload import References, Size, States, Tally

__all__ = ["Tpcc"]


class Tpcc(Workload):
    """NewOrder and Payment, 45 to 43. What is left out: Order-Status, Delivery, Stock-Level, think times and the limits of terminals."""

    title = "TPC-C: NewOrder and Payment, 45 to 43"
    classes = (Customer, District, Item, Namesakes, Order, Payment, Stock, Warehouse)

    def __init__(self, size: Size) -> None:
        super().__init__(size)
        self.cardinality = Cardinality.of(size.warehouses, size.scale)

    @property
    def entity_count(self) -> int:
        """How many entities there are at the beginning; last names that nobody has are not there."""
        return self.cardinality.entities

    def creations(self, refs: References) -> Iterator[Ask]:
        """Create what clause 4.3.3 demands."""
        return filling.creations(refs, self.cardinality)

    def requests(self, refs: References, draw: random.Random) -> Iterator[Ask]:
        """Yield orders and payments."""
        return requests.requests(refs, self.cardinality, draw)

    def check(self, states: States, tally: Tally) -> list[Condition]:
        """Check the conditions 1 to 4, and that each acknowledged request is in the states once."""
        return conditions.check(states, self.cardinality, tally)
