"""The entities at the beginning (clause 4.3.3)."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import TYPE_CHECKING

from stateflow.bench.workload import Ask
from stateflow.bench.workloads.tpcc.draws import LOAD_CONSTANT, last_name, non_uniform, remark, street, text
from stateflow.bench.workloads.tpcc.entities import Customer, District, Item, Namesakes, Order, OrderLine, Payment, Stock, Warehouse
from stateflow.bench.workloads.tpcc.size import DISTRICTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stateflow.bench.workload import References
    from stateflow.bench.workloads.tpcc.size import Cardinality

__all__ = ["FIRST_PAYMENT", "creations", "last_name_of"]

FIRST_PAYMENT = 1_000
_SEED, _ITEM_SEED = 5, 6
_BEGINNING_S = 0.0


def creations(refs: References, size: Cardinality) -> Iterator[Ask]:
    """Yield the creation of each entity; always the same ones."""
    for warehouse in range(1, size.warehouses + 1):
        yield from _catalogue(size, warehouse)
    draw = random.Random(_SEED)
    for warehouse in range(1, size.warehouses + 1):
        yield from _warehouse(refs, size, warehouse, draw)


def last_name_of(number: int, size: Cardinality, draw: random.Random) -> str:
    """Return the last name of a customer: the first ones have each name once."""
    index = number - 1 if number <= size.names else non_uniform(draw, 255, 0, 999, LOAD_CONSTANT) % size.names
    return last_name(index)


def _catalogue(size: Cardinality, warehouse: int) -> Iterator[Ask]:
    """Yield the items, which are the same in each catalogue."""
    draw = random.Random(_ITEM_SEED)
    for number in range(1, size.items + 1):
        yield _create(Item, warehouse, number, text(draw, 14, 24), draw.randint(100, 10_000), remark(draw))


def _warehouse(refs: References, size: Cardinality, warehouse: int, draw: random.Random) -> Iterator[Ask]:
    paid = DISTRICTS * size.customers * FIRST_PAYMENT
    yield _create(Warehouse, warehouse, text(draw, 6, 10), street(draw), draw.randint(0, 2_000), paid)
    for item in range(1, size.items + 1):
        texts = text(draw, 24 * DISTRICTS, 24 * DISTRICTS)
        yield _create(Stock, warehouse, item, draw.randint(10, 100), texts, remark(draw))
    for number in range(1, DISTRICTS + 1):
        house, paid = refs.ref(Warehouse, warehouse), size.customers * FIRST_PAYMENT
        tax = draw.randint(0, 2_000)
        yield _create(District, number, house, warehouse, street(draw), tax, paid, size.customers + 1)
        yield from _customers(refs, size, (warehouse, number), draw)
        yield from _orders(refs, size, (warehouse, number), draw)


def _customers(refs: References, size: Cardinality, district: tuple[int, int], draw: random.Random) -> Iterator[Ask]:
    namesakes: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for number in range(1, size.customers + 1):
        first, last = text(draw, 8, 16), last_name_of(number, size, draw)
        namesakes[last].append((first, number))
        has_good_credit = draw.random() >= 0.1
        args = ((*district, number), first, last, street(draw), draw.randint(0, 5_000), text(draw, 300, 500))
        yield Ask("create", Customer, None, (*args, has_good_credit))
        yield _create(Payment, (*district, number), 1, district, _BEGINNING_S, FIRST_PAYMENT, text(draw, 12, 24))
    for last, found in namesakes.items():
        customers = [refs.ref(Customer, (*district, number)) for _, number in sorted(found)]
        yield _create(Namesakes, (*district, last), customers)


def _orders(refs: References, size: Cardinality, district: tuple[int, int], draw: random.Random) -> Iterator[Ask]:
    customers = list(range(1, size.customers + 1))
    draw.shuffle(customers)
    for number, customer in enumerate(customers, 1):
        is_new = number > size.delivered
        lines = [_line(size, district[0], draw, is_new=is_new) for _ in range(draw.randint(5, 15))]
        args = ((*district, number), refs.ref(Customer, (*district, customer)), _BEGINNING_S, lines, is_new)
        yield Ask("create", Order, None, args)


def _line(size: Cardinality, warehouse: int, draw: random.Random, *, is_new: bool) -> OrderLine:
    amount = draw.randint(1, 999_999) if is_new else 0
    return OrderLine(draw.randint(1, size.items), warehouse, 5, amount, text(draw, 24, 24))


def _create(cls: type, *args: object) -> Ask:
    return Ask("create", cls, None, args)
