"""Random mixes of requests, each from a seeded generator: few entities, so that transactions conflict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stateflow.histories.plan import Ask, Plan, States, Target
from stateflow.histories.workloads import orders, shop, transfers
from stateflow.histories.workloads.scripts import plan_trees
from stateflow.protocol.messages import Operation

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

__all__ = ["PLANS", "creations", "plan_orders", "plan_shop", "plan_transfers", "zipf_weights"]


def zipf_weights(count: int, exponent: float = 0.99) -> list[float]:
    """Return how often each of `count` keys is chosen, relative to one another."""
    return [1 / rank**exponent for rank in range(1, count + 1)]


def creations(cls: type, keys: list[str], *args: Any) -> list[Ask]:
    """Return requests that create entities; the transaction's name is the last argument of each."""
    return [Ask(f"s-{key}", Operation.CREATE, Target(cls, key), "", (key, *args, f"s-{key}")) for key in keys]


def plan_transfers(draw: random.Random, count: int) -> Plan:
    """Plan payments between accounts with zipf keys, payments that fail, audits one by one and all at once."""
    coins = draw.choice((5, 50))
    accounts = [Target(transfers.Account, f"acc{number}") for number in range(draw.randint(2, 8))]
    auditors = [Target(transfers.Auditor, f"aud{number}") for number in range(2)]
    setup = creations(transfers.Account, [key for _, key in accounts], coins) + creations(transfers.Auditor, [key for _, key in auditors])
    weights = zipf_weights(len(accounts))

    def ask(number: int) -> Ask:
        tx = f"t{number}"
        payer, payee = draw.choices(accounts, weights, k=2)
        match draw.random():
            case part if part < 0.65:
                return Ask(tx, Operation.CALL, payer, "pay", (payee, draw.randint(1, 9), tx))
            case part if part < 0.8:
                others = draw.sample(accounts, draw.randint(1, len(accounts)))
                return Ask(tx, Operation.CALL, payer, "share", (others, draw.randint(1, 3), tx))
            case part if part < 0.83:
                return Ask(tx, Operation.CREATE, payer, "", (payer.key, coins, tx))
            case part:
                return Ask(tx, Operation.CALL, draw.choice(auditors), "total" if part < 0.92 else "total_at_once", (accounts,))

    def invariant(states: States) -> list[str]:
        total = sum(state["coins"] for target in accounts if (state := states[target]))
        return [] if total == coins * len(accounts) else [f"{total} coins instead of {coins * len(accounts)}"]

    return Plan(setup, [ask(number) for number in range(count)], [*accounts, *auditors], invariant)


def plan_shop(draw: random.Random, count: int) -> Plan:
    """Plan purchases of one ware and of several, and restocking."""
    wares = [Target(shop.Ware, f"ware{number}") for number in range(draw.randint(2, 5))]
    buyers = [Target(shop.Buyer, f"buy{number}") for number in range(draw.randint(2, 5))]
    balance, price = draw.choice((20, 200)), 3
    setup = creations(shop.Ware, [key for _, key in wares], price) + creations(shop.Buyer, [key for _, key in buyers], balance)
    weights = zipf_weights(len(wares))

    def ask(number: int) -> Ask:
        tx = f"t{number}"
        ware = draw.choices(wares, weights)[0]
        match draw.random():
            case part if part < 0.6:
                return Ask(tx, Operation.CALL, draw.choice(buyers), "buy", (draw.randint(1, 4), ware, tx))
            case part if part < 0.8:
                return Ask(tx, Operation.CALL, draw.choice(buyers), "buy_all", (draw.sample(wares, draw.randint(1, len(wares))), tx))
            case _:
                return Ask(tx, Operation.CALL, ware, "restock", (draw.randint(1, 8), tx))

    def invariant(states: States) -> list[str]:
        sold = sum(state["sold"] for target in wares if (state := states[target]))
        held = [state for target in buyers if (state := states[target])]
        bought = sum(sum(state["bought"].values()) for state in held)
        spent = balance * len(held) - sum(state["balance"] for state in held)
        return [] if sold == bought and spent == sold * price else [f"{sold} sold, {bought} bought, {spent} spent at {price} each"]

    return Plan(setup, [ask(number) for number in range(count)], [*wares, *buyers], invariant)


def plan_orders(draw: random.Random, count: int) -> Plan:
    """Plan NewOrder, some with an unused item, and Payment, after TPC-C."""
    houses = [Target(orders.Warehouse, f"house{number}") for number in range(2)]
    districts = [Target(orders.District, f"dist{number}") for number in range(3)]
    stocks = [Target(orders.Stock, f"stock{number}") for number in range(6)]
    customers = [Target(orders.Customer, f"cust{number}") for number in range(4)]
    unused = Target(orders.Stock, "unused")
    setup = creations(orders.Warehouse, [key for _, key in houses], 500) + creations(orders.Stock, [key for _, key in stocks], 50, 7)
    setup += creations(orders.Customer, [key for _, key in customers], 100)
    for number, (_, key) in enumerate(districts):
        setup += creations(orders.District, [key], houses[number % 2])

    def ask(number: int) -> Ask:
        tx = f"t{number}"
        district, customer = draw.choice(districts), draw.choice(customers)
        if draw.random() < 0.5:
            return Ask(tx, Operation.CALL, district, "payment", (customer, draw.randint(1, 500), tx))
        wishes = [(stock, draw.randint(1, 10)) for stock in draw.sample(stocks, draw.randint(1, 4))]
        if draw.random() < 0.1:
            wishes[-1] = (unused, 1)
        return Ask(tx, Operation.CALL, district, "new_order", (customer, wishes, tx))

    def invariant(states: States) -> list[str]:
        taken = [sum(state["paid"] for target in group if (state := states[target])) for group in (houses, districts)]
        paid = [state["balance"] for target in customers if (state := states[target])]
        held = [state for target in districts if (state := states[target])]
        gaps = [state["name"] for state in held if list(state["orders"]) != [*range(1, state["next_order"])]]
        wrong = [] if taken[0] == taken[1] == -sum(paid) else [f"houses took {taken[0]}, districts {taken[1]}, customers paid {-sum(paid)}"]
        return wrong + [f"orders of {key} have a gap" for key in gaps]

    return Plan(setup, [ask(number) for number in range(count)], [*houses, *districts, *stocks, *customers, unused], invariant)


PLANS: dict[str, Callable[[random.Random, int], Plan]] = {
    "transfers": plan_transfers,
    "shop": plan_shop,
    "orders": plan_orders,
    "trees": plan_trees,
}
