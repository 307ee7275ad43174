"""NewOrder and Payment after TPC-C, revision 5.11, clauses 2.4 and 2.5, on few entities so that they conflict. Money is in cents."""

from __future__ import annotations

import stateflow
from stateflow.errors import EntityNotFound
from stateflow.histories.workloads.observed import Failed, Look, Observed, missed

__all__ = ["Customer", "District", "Stock", "Warehouse"]

Wish = tuple["Stock", int]


@stateflow.entity
class Warehouse(Observed):
    """Has the money that its districts took."""

    def __init__(self, name: str, tax_basis_points: int, tx: str) -> None:
        self.name = name
        self.tax_basis_points = tax_basis_points
        self.paid = 0
        self.born(name, tx)

    def __key__(self) -> str:
        return self.name

    def tax(self) -> tuple[int, Look]:
        """Return the tax."""
        return self.tax_basis_points, self.look()

    def receive(self, amount: int, tx: str) -> Look:
        """Add a payment."""
        self.paid += amount
        return self.mark(tx)


@stateflow.entity
class Stock(Observed):
    """What a warehouse has of an item."""

    def __init__(self, name: str, quantity: int, price: int, tx: str) -> None:
        self.name = name
        self.quantity = quantity
        self.price = price
        self.sold = 0
        self.born(name, tx)

    def __key__(self) -> str:
        return self.name

    def take(self, quantity: int, tx: str) -> tuple[int, Look]:
        """Sell, refill when fewer than ten would remain, and return what it costs."""
        if self.quantity < quantity + 10:
            self.quantity += 91
        self.quantity -= quantity
        self.sold += quantity
        return quantity * self.price, self.mark(tx)


@stateflow.entity
class Customer(Observed):
    """Someone who orders and pays."""

    def __init__(self, name: str, discount_basis_points: int, tx: str) -> None:
        self.name = name
        self.discount_basis_points = discount_basis_points
        self.balance = 0
        self.payments: list[int] = []
        self.born(name, tx)

    def __key__(self) -> str:
        return self.name

    def discount(self) -> tuple[int, Look]:
        """Return the discount."""
        return self.discount_basis_points, self.look()

    def pay(self, amount: int, tx: str) -> tuple[int, Look]:
        """Pay and return the balance."""
        self.balance -= amount
        self.payments.append(amount)
        return self.balance, self.mark(tx)


@stateflow.entity
class District(Observed):
    """Takes orders and payments for a warehouse."""

    def __init__(self, name: str, warehouse: Warehouse, tx: str) -> None:
        self.name = name
        self.warehouse = warehouse
        self.paid = 0
        self.next_order = 1
        self.orders: dict[int, int] = {}
        self.born(name, tx)

    def __key__(self) -> str:
        return self.name

    def new_order(self, customer: Customer, wishes: list[Wish], tx: str) -> tuple[int, list[Look]]:
        """Take an order and return its total. An item that does not exist undoes the whole order."""
        number = self.next_order
        self.next_order += 1
        seen = [self.mark(tx)]
        total = 0
        for stock, quantity in wishes:
            try:
                cost, met = stock.take(quantity, tx)
            except EntityNotFound as error:
                raise Failed("unused item", [*seen, missed(str(error.key), 0)]) from None
            total += cost
            seen.append(met)
        discount, met = customer.discount()
        seen.append(met)
        tax, met = self.warehouse.tax()
        seen.append(met)
        self.orders[number] = total * (10_000 - discount) * (10_000 + tax) // 100_000_000
        return self.orders[number], seen

    def payment(self, customer: Customer, amount: int, tx: str) -> tuple[int, list[Look]]:
        """Take a payment and return the customer's balance."""
        self.paid += amount
        seen = [self.mark(tx), self.warehouse.receive(amount, tx)]
        balance, met = customer.pay(amount, tx)
        return balance, [*seen, met]
