"""Consistency conditions 1 to 4 (clause 3.3.2), and that each acknowledged request is in the states once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from stateflow.bench.workload import Condition
from stateflow.bench.workloads.tpcc.entities import Customer, District, Order, Stock, Warehouse
from stateflow.bench.workloads.tpcc.filling import FIRST_PAYMENT
from stateflow.bench.workloads.tpcc.size import DISTRICTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stateflow.bench.workload import States, Tally
    from stateflow.bench.workloads.tpcc.size import Cardinality

__all__ = ["check"]

_SHOWN = 5
Place = tuple[int, int]


class _Orders(NamedTuple):
    """What the orders of a district come to."""

    numbers: list[int]
    new_numbers: list[int]
    line_counts: int
    lines: int
    is_next_there: bool


def check(states: States, size: Cardinality, tally: Tally) -> list[Condition]:
    """Return the conditions, with what does not hold."""
    houses = {number: state for number, state in states(Warehouse, range(1, size.warehouses + 1)) if state is not None}
    places = [(house, number) for house in range(1, size.warehouses + 1) for number in range(1, DISTRICTS + 1)]
    districts: dict[Any, dict[str, Any]] = {place: state for place, state in states(District, places) if state is not None}
    if len(houses) != size.warehouses or len(districts) != len(places):
        return [Condition("warehouses and districts are there", [f"{len(houses)} warehouses, {len(districts)} districts"], len(places))]
    orders = {place: _orders(states, place, state["next_order"]) for place, state in districts.items()}
    return [
        Condition("1: W_YTD = sum(D_YTD)", _money(houses, districts), size.warehouses),
        Condition("2: D_NEXT_O_ID - 1 = max(O_ID) = max(NO_O_ID)", _numbers(districts, orders), len(places)),
        Condition("3: max(NO_O_ID) - min(NO_O_ID) + 1 = count(NEW-ORDER)", _new_orders(orders), len(places)),
        Condition("4: sum(O_OL_CNT) = count(ORDER-LINE)", _lines(orders), len(places)),
        Condition("each acknowledged order and payment once", _once(districts, size, tally), len(places)),
        _customers(states, size, districts, tally),
        _stock(states, size, tally),
    ]


def _orders(states: States, place: Place, next_order: int) -> _Orders:
    found: list[tuple[int, dict[str, Any]]] = []
    # One more than there should be: an order that was undone must not be there.
    for key, state in states(Order, ((*place, number) for number in range(1, next_order + 1))):
        assert isinstance(key, tuple)
        if state is not None:
            found.append((key[2], state))
    return _Orders(
        [number for number, _ in found if number < next_order],
        [number for number, state in found if state["is_new"] and number < next_order],
        sum(state["line_count"] for _, state in found),
        sum(len(state["lines"]) for _, state in found),
        any(number == next_order for number, _ in found),
    )


def _money(houses: dict[Any, dict[str, Any]], districts: dict[Any, dict[str, Any]]) -> list[str]:
    taken = {number: sum(state["paid"] for place, state in districts.items() if place[0] == number) for number in houses}
    wrong = [f"warehouse {n} has {state['paid']}, its districts {taken[n]}" for n, state in houses.items() if state["paid"] != taken[n]]
    return wrong[:_SHOWN]


def _numbers(districts: dict[Any, dict[str, Any]], orders: dict[Any, _Orders]) -> list[str]:
    wrong = []
    for place, found in orders.items():
        last = districts[place]["next_order"] - 1
        if found.is_next_there or max(found.numbers) != last or max(found.new_numbers) != last:
            wrong.append(f"district {place}: {last}, {max(found.numbers)}, {max(found.new_numbers)}")
        elif len(found.numbers) != last:
            wrong.append(f"district {place} has {len(found.numbers)} orders of {last}")
    return wrong[:_SHOWN]


def _new_orders(orders: dict[Any, _Orders]) -> list[str]:
    pairs = {place: (max(f.new_numbers) - min(f.new_numbers) + 1, len(f.new_numbers)) for place, f in orders.items()}
    return [f"district {place}: {span}, {count}" for place, (span, count) in pairs.items() if span != count][:_SHOWN]


def _lines(orders: dict[Any, _Orders]) -> list[str]:
    return [f"district {place}: {f.line_counts}, {f.lines}" for place, f in orders.items() if f.line_counts != f.lines][:_SHOWN]


def _once(districts: dict[Any, dict[str, Any]], size: Cardinality, tally: Tally) -> list[str]:
    def faults() -> Iterator[str | None]:
        for place, state in districts.items():
            yield tally.fault("orders", place, state["next_order"] - 1 - size.customers)
            yield tally.fault("paid", place, state["paid"] - size.customers * FIRST_PAYMENT)

    return [fault for fault in faults() if fault][:_SHOWN]


def _customers(states: States, size: Cardinality, districts: dict[Any, dict[str, Any]], tally: Tally) -> Condition:
    keys = [(*place, number) for place in districts for number in range(1, size.customers + 1)]
    paid = count = there = 0
    for _, state in states(Customer, keys):
        if state is not None:
            paid, count, there = paid + state["paid"], count + state["payment_count"], there + 1
    taken = sum(state["paid"] for state in districts.values())
    faults = [f"customers paid {paid}, districts took {taken}"] if paid != taken or there != len(keys) else []
    once = tally.fault("payments", "all", count - len(keys))
    return Condition("customers paid what districts took", faults + ([once] if once else []), len(keys))


def _stock(states: States, size: Cardinality, tally: Tally) -> Condition:
    keys = ((house, item) for house in range(1, size.warehouses + 1) for item in range(1, size.items + 1))
    lines = sum(0 if state is None else state["order_count"] for _, state in states(Stock, keys))
    fault = tally.fault("lines", "all", lines)
    return Condition("stock was taken once for each line", [fault] if fault else [], size.warehouses * size.items)
