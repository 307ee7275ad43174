"""Orders after the NewOrder, Payment and Delivery transactions of TPC-C, with its rollback and its consistency conditions.

TPC Benchmark C, revision 5.11, clauses 2.4, 2.5, 2.7 and 3.3.2. All money is in cents.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import stateflow
from stateflow.runtime.local import LocalRuntime

__all__ = ["Auditor", "Customer", "District", "Item", "Order", "OrderLine", "Stock", "Warehouse", "Wish", "main"]

_REFILL = 91


@dataclass(frozen=True)
class Wish:
    """A line of an order as the customer states it."""

    item: Item
    supplier: Warehouse
    quantity: int


@dataclass(frozen=True)
class OrderLine:
    """A line of an order as it was accepted; `brand` is "B" for an original, else "G"."""

    item_name: str
    quantity: int
    amount: int
    brand: str


@dataclass
class Order:
    """An order; `total` is what the customer owes for it when it is delivered."""

    number: int
    customer: Customer
    lines: list[OrderLine] = field(default_factory=list)
    total: int = 0
    is_delivered: bool = False


@stateflow.stateflow
class Item:
    """A thing that all warehouses sell."""

    def __init__(self, number: int, name: str, price: int, remark: str = ""):
        self.number: int = number
        self.name: str = name
        self.price: int = price
        self.remark: str = remark

    def __key__(self) -> int:
        return self.number

    @property
    def is_original(self) -> bool:
        """Whether the remark says so."""
        return "ORIGINAL" in self.remark


@stateflow.stateflow
class Stock:
    """What one warehouse has of one item."""

    def __init__(self, warehouse: str, item_number: int, quantity: int):
        self.warehouse: str = warehouse
        self.item_number: int = item_number
        self.quantity: int = quantity
        self.sold: int = 0
        self.refilled: int = 0
        self.order_count: int = 0
        self.remote_count: int = 0

    def __key__(self) -> tuple[str, int]:
        return self.warehouse, self.item_number

    def take(self, quantity: int, is_remote: bool) -> int:
        """Sell, refill when fewer than ten would remain, and return what is left."""
        if self.quantity < quantity + 10:
            self.quantity += _REFILL
            self.refilled += _REFILL
        self.quantity -= quantity
        self.sold += quantity
        self.order_count += 1
        self.remote_count += is_remote
        return self.quantity


@stateflow.stateflow
class Warehouse:
    """Holds the stock; `paid` is all the money that its districts took."""

    def __init__(self, name: str, tax_basis_points: int):
        self.name: str = name
        self.tax_basis_points: int = tax_basis_points
        self.paid: int = 0
        self.stock: dict[int, Stock] = {}

    def __key__(self) -> str:
        return self.name

    def fill(self, items: list[Item], quantity: int) -> int:
        """Create the stock of each item and return how many there are."""
        self.stock |= {item.number: Stock(self.name, item.number, quantity) for item in items}
        return len(self.stock)

    def supply(self, item_number: int, quantity: int, buyer: Warehouse) -> int:
        """Take from the stock and return what is left."""
        return self.stock[item_number].take(quantity, buyer != self)

    def receive(self, amount: int) -> str:
        """Add a payment and return the name for the receipt."""
        self.paid += amount
        return self.name

    def sold(self) -> int:
        """Return how many things left this warehouse."""
        return sum(stock.sold for stock in self.stock.values())

    def stock_adds_up(self, quantity: int) -> bool:
        """Tell whether each stock is what it was filled with, plus what was refilled, less what was sold."""
        return all(stock.quantity == quantity + stock.refilled - stock.sold for stock in self.stock.values())


@stateflow.stateflow
class Customer:
    """Someone who orders and pays."""

    def __init__(self, number: int, first: str, last: str, discount_basis_points: int, has_good_credit: bool = True):
        self.number: int = number
        self.first: str = first
        self.last: str = last
        self.discount_basis_points: int = discount_basis_points
        self.has_good_credit: bool = has_good_credit
        self.balance: int = 0
        self.paid: int = 0
        self.payment_count: int = 0
        self.remarks: list[str] = []

    def __key__(self) -> int:
        return self.number

    def pay(self, amount: int, place: str) -> int:
        """Pay and return the balance, which is below zero for who paid ahead."""
        self.balance -= amount
        self.paid += amount
        self.payment_count += 1
        if not self.has_good_credit:
            self.remarks = [f"{self.number} paid {amount} in {place}", *self.remarks][:3]
        return self.balance

    def owe(self, amount: int) -> int:
        """Owe for a delivered order and return the balance."""
        self.balance += amount
        return self.balance


@stateflow.stateflow
class District:
    """Takes the orders and the payments of its customers for a warehouse."""

    def __init__(self, number: int, warehouse: Warehouse, tax_basis_points: int):
        self.number: int = number
        self.warehouse: Warehouse = warehouse
        self.tax_basis_points: int = tax_basis_points
        self.paid: int = 0
        self.next_order: int = 1
        self.orders: dict[int, Order] = {}
        self.customers: list[Customer] = []

    def __key__(self) -> int:
        return self.number

    def add_customers(self, customers: list[Customer]) -> int:
        """Add customers and return how many there are."""
        self.customers += customers
        return len(self.customers)

    def new_order(self, customer: Customer, wishes: list[Wish]) -> int:
        """Take an order and return its total. An item that does not exist raises `EntityNotFound`, which undoes the whole order."""
        order = Order(self.next_order, customer)
        self.next_order += 1
        self.orders[order.number] = order

        def accept(wish: Wish) -> OrderLine:
            amount = wish.quantity * wish.item.price
            left = wish.supplier.supply(wish.item.number, wish.quantity, self.warehouse)
            return OrderLine(wish.item.name, wish.quantity, amount, "B" if wish.item.is_original and left >= 0 else "G")

        order.lines = [accept(wish) for wish in wishes]
        untaxed = sum(line.amount for line in order.lines) * (10_000 - customer.discount_basis_points) // 10_000
        order.total = untaxed * (10_000 + self.warehouse.tax_basis_points + self.tax_basis_points) // 10_000
        return order.total

    def customer_named(self, last: str) -> Customer:
        """Return the middle one of the customers with this last name, in the order of their first names.

        Raises:
            LookupError: there is none.
        """
        namesakes = sorted((customer for customer in self.customers if customer.last == last), key=lambda customer: customer.first)
        if not namesakes:
            raise LookupError(f"district {self.number} has no customer {last}")
        return namesakes[(len(namesakes) - 1) // 2]

    def payment(self, who: Customer | str, amount: int) -> tuple[str, int]:
        """Take a payment, of a customer or of a last name, and return the receipt: who paid where, and the balance."""
        self.paid += amount
        place = f"{self.warehouse.receive(amount)}    {self.number}"
        match who:
            case str(last):
                customer = self.customer_named(last)
            case customer:
                pass
        balance = customer.pay(amount, place)
        return f"{customer.first} {customer.last} in {place}", balance

    def deliver(self, limit: int) -> list[int]:
        """Deliver the oldest orders, at most `limit`, and return their numbers."""
        waiting = [order for order in self.orders.values() if not order.is_delivered][:limit]
        for order in waiting:
            order.customer.owe(order.total)
            order.is_delivered = True
        return [order.number for order in waiting]

    def quantity_ordered(self) -> int:
        """Return how many things all orders hold."""
        return sum(line.quantity for order in self.orders.values() for line in order.lines)

    def last_order(self, customer: Customer) -> list[str]:
        """Describe the newest order of a customer."""
        for number in sorted(self.orders, reverse=True):
            if (order := self.orders[number]).customer == customer:
                return [f"{line.quantity} {line.item_name} {line.brand} {line.amount}" for line in order.lines]
        return []

    def money_adds_up(self) -> bool:
        """Tell whether the balances are what was delivered less what was paid, and the district has what the customers paid."""
        owed = sum(order.total for order in self.orders.values() if order.is_delivered)
        paid = sum(customer.paid for customer in self.customers)
        return paid == self.paid and sum(customer.balance for customer in self.customers) == owed - paid

    def numbers_add_up(self) -> bool:
        """Tell whether the orders are numbered without a gap."""
        return list(self.orders) == list(range(1, self.next_order))


@stateflow.stateflow
class Auditor:
    """Checks that money and stock add up."""

    def __init__(self, name: str, warehouses: list[Warehouse], districts: list[District]):
        self.name: str = name
        self.warehouses: list[Warehouse] = warehouses
        self.districts: list[District] = districts

    def __key__(self) -> str:
        return self.name

    def check(self, quantity: int) -> dict[str, bool]:
        """Return each condition with whether it holds; each stock was filled with `quantity` things."""
        taken = {
            warehouse.name: sum(district.paid for district in self.districts if district.warehouse == warehouse)
            for warehouse in self.warehouses
        }
        sold = sum(warehouse.sold() for warehouse in self.warehouses)
        return {
            "warehouses hold what their districts took": all(warehouse.paid == taken[warehouse.name] for warehouse in self.warehouses),
            "balances are deliveries less payments": all(district.money_adds_up() for district in self.districts),
            "orders have no gap": all(district.numbers_add_up() for district in self.districts),
            "sold is ordered": sold == sum(district.quantity_ordered() for district in self.districts),
            "stock is filled + refilled - sold": all(warehouse.stock_adds_up(quantity) for warehouse in self.warehouses),
        }


def main(transaction_count: int = 300) -> None:
    """Fill two warehouses, run a seeded mix of transactions, and check that everything adds up."""
    draw = random.Random(5)
    flow = stateflow.init(Item, Stock, Warehouse, Customer, District, Auditor)
    with LocalRuntime(flow, seed=5) as runtime, runtime.client() as client:
        print("Orders on the embedded engine")
        items = [client.create(Item, n, f"item-{n}", 100 + 7 * n, "ORIGINAL" if n % 5 == 0 else "").get() for n in range(1, 21)]
        warehouses = [client.create(Warehouse, name, tax).get() for name, tax in (("north", 500), ("south", 1_200))]
        for warehouse in warehouses:
            client.call(Warehouse.fill, warehouse, items, 50).get()
        districts = [client.create(District, n, warehouses[n % 2], 100 * n).get() for n in range(1, 5)]
        customers: dict[District, list[Customer]] = {}
        for place, district in enumerate(districts):
            customers[district] = [
                client.create(Customer, 10 * place + n, "ABCDEF"[n], ("BARBAR", "OUGHT")[n % 2], 100 * n, n > 0).get() for n in range(6)
            ]
            client.call(District.add_customers, district, customers[district]).get()
        auditor = client.create(Auditor, "auditor", warehouses, districts).get()
        print(f"  {len(warehouses)} warehouses, {len(districts)} districts, {len(items)} items")

        unused = client.ref(Item, 9_999)
        orders = payments = deliveries = undone = 0
        for _ in range(transaction_count):
            district = draw.choice(districts)
            customer = draw.choice(customers[district])
            match draw.random():
                case part if part < 0.50:
                    chosen = draw.sample(items, draw.randint(5, 8))
                    if draw.random() < 0.01:
                        chosen[-1] = unused
                    home = client.get(district, "warehouse").get()
                    wishes = [Wish(i, draw.choice(warehouses) if draw.random() < 0.01 else home, draw.randint(1, 10)) for i in chosen]
                    try:
                        client.call(District.new_order, district, customer, wishes).get()
                        orders += 1
                    except stateflow.EntityNotFound:
                        undone += 1
                case part if part < 0.94:
                    who = draw.choice(["BARBAR", "OUGHT"]) if draw.random() < 0.6 else customer
                    client.call(District.payment, district, who, draw.randint(100, 500_000)).get()
                    payments += 1
                case _:
                    deliveries += len(client.call(District.deliver, district, 10).get())
        print(f"  {orders} orders, {undone} undone for an unused item, {payments} payments, {deliveries} deliveries")

        for condition, holds in client.call(Auditor.check, auditor, 50).get().items():
            print(f"  {condition}: {'yes' if holds else 'NO'}")
        receipt, balance = client.call(District.payment, districts[0], "OUGHT", 1_000).get()
        print(f"  a payment by name: {receipt}, balance {balance}")


if __name__ == "__main__":
    main()
