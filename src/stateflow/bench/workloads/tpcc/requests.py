"""NewOrder and Payment as terminals send them (clauses 2.4.1 and 2.5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stateflow.bench.workload import Ask
from stateflow.bench.workloads.tpcc.draws import RUN_CONSTANT, last_name, non_uniform
from stateflow.bench.workloads.tpcc.entities import Customer, District, Namesakes, Wish
from stateflow.bench.workloads.tpcc.size import DISTRICTS
from stateflow.errors import EntityNotFound

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from stateflow.bench.workload import References
    from stateflow.bench.workloads.tpcc.size import Cardinality

__all__ = ["Terminal", "requests"]

NEW_ORDER_SHARE = 45 / 88
"""45 of 100 transactions are NewOrder and 43 Payment; the other 12 are not here."""
_ROLLBACK_SHARE = 0.01
_REMOTE_LINE_SHARE = 0.01
_REMOTE_CUSTOMER_SHARE = 0.15
_BY_NAME_SHARE = 0.6
_CUSTOMER_CONSTANT, _ITEM_CONSTANT = 77, 4321


def requests(refs: References, size: Cardinality, draw: random.Random) -> Iterator[Ask]:
    """Yield orders and payments without end."""
    terminal = Terminal(refs, size, draw)
    while True:
        yield terminal.new_order() if draw.random() < NEW_ORDER_SHARE else terminal.payment()


class Terminal:
    """Draws requests.

    Args:
        refs: addresses entities.
        size: how many there are.
        draw: where chance comes from.
    """

    def __init__(self, refs: References, size: Cardinality, draw: random.Random) -> None:
        self._refs = refs
        self._size = size
        self._draw = draw

    def new_order(self) -> Ask:
        """Return an order of 5 to 15 lines; one in a hundred ends with an item that does not exist, and is undone."""
        draw, warehouse, number = self._draw, self._warehouse(), self._draw.randint(1, DISTRICTS)
        district = self._refs.ref(District, (warehouse, number))
        customer = self._refs.ref(Customer, (warehouse, number, self._customer()))
        wishes = [self._wish(warehouse, self._item()) for _ in range(draw.randint(5, 15))]
        if draw.random() < _ROLLBACK_SHARE:
            wishes[-1] = self._wish(warehouse, self._size.items + 1)
            return Ask("new order", District.new_order, district, (customer, wishes), (), EntityNotFound)
        effects = (("orders", (warehouse, number), 1), ("lines", "all", len(wishes)))
        return Ask("new order", District.new_order, district, (customer, wishes), effects)

    def payment(self) -> Ask:
        """Return a payment; the customer is one of another warehouse in 15 % of them, and given by last name in 60 %."""
        draw, warehouse, number = self._draw, self._warehouse(), self._draw.randint(1, DISTRICTS)
        amount, home = draw.randint(100, 500_000), (warehouse, number)
        if self._size.warehouses > 1 and draw.random() < _REMOTE_CUSTOMER_SHARE:
            home = (self._other_than(warehouse), draw.randint(1, DISTRICTS))
        district = self._refs.ref(District, (warehouse, number))
        effects = (("paid", (warehouse, number), amount), ("payments", "all", 1))
        if draw.random() < _BY_NAME_SHARE:
            last = last_name(non_uniform(draw, 255, 0, 999, RUN_CONSTANT) % self._size.names)
            namesakes = self._refs.ref(Namesakes, (*home, last))
            return Ask("payment", District.payment_by_name, district, (namesakes, amount), effects)
        customer = self._refs.ref(Customer, (*home, self._customer()))
        return Ask("payment", District.payment, district, (customer, amount), effects)

    def _wish(self, warehouse: int, item: int) -> Wish:
        is_remote = self._size.warehouses > 1 and self._draw.random() < _REMOTE_LINE_SHARE
        supplier = self._other_than(warehouse) if is_remote else warehouse
        return Wish(item, supplier, self._draw.randint(1, 10))

    def _warehouse(self) -> int:
        return self._draw.randint(1, self._size.warehouses)

    def _other_than(self, warehouse: int) -> int:
        other = self._draw.randint(1, self._size.warehouses - 1)
        return other + (other >= warehouse)

    def _customer(self) -> int:
        return non_uniform(self._draw, 1023, 1, self._size.customers, _CUSTOMER_CONSTANT)

    def _item(self) -> int:
        return non_uniform(self._draw, 8191, 1, self._size.items, _ITEM_CONSTANT)
