"""The entities of TPC-C (clause 1.3) as plain classes. Money is in cents, taxes and discounts are in basis points.

Attributes are the standard's columns; an address is one text, and so are the ten texts of a stock, of 24 characters each. An order holds
its lines, and whether it is new, as an object would; what has a key of its own in the standard is an entity of its own. A terminal sends
numbers, as the standard says, and the district finds items and stocks by them.

What belongs to a warehouse lives in its partition, so most requests need no other one. Each warehouse has a catalogue of its own, a copy of
all items: prices are read for each line of an order and never change here.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import stateflow

__all__ = ["Customer", "District", "Item", "Namesakes", "Order", "OrderLine", "Payment", "Receipt", "Stock", "Warehouse", "Wish"]

_DATA_CHARACTERS = 500
_TEXT_CHARACTERS = 24


class Wish(NamedTuple):
    """A line of an order as a terminal sends it: the numbers of an item and of the warehouse that supplies it, and how many."""

    item: int
    supplier: int
    quantity: int


class OrderLine(NamedTuple):
    """A line of an order as it was accepted."""

    item: int
    supplier: int
    quantity: int
    amount: int
    stock_text: str


class Receipt(NamedTuple):
    """What the terminal shows of a new order; a line has the item's name, what is left of it, the brand, and the amount."""

    number: int
    last_name: str
    total: int
    lines: list[tuple[str, int, str, int]]


@stateflow.entity
class Item:
    """A thing that all warehouses sell, in the catalogue of one of them."""

    def __init__(self, warehouse: int, number: int, name: str, price: int, remark: str) -> None:
        self.warehouse: int = warehouse
        self.number: int = number
        self.name: str = name
        self.price: int = price
        self.remark: str = remark

    def __key__(self) -> tuple[int, int]:
        return self.warehouse, self.number

    @staticmethod
    def __partition__(key: tuple[int, int]) -> int:
        return key[0]

    def offer(self) -> tuple[str, int, bool]:
        """Return the name, the price, and whether the remark says that it is an original."""
        return self.name, self.price, "ORIGINAL" in self.remark


@stateflow.entity
class Stock:
    """What one warehouse has of one item."""

    def __init__(self, warehouse: int, item: int, quantity: int, texts: str, remark: str) -> None:
        self.warehouse: int = warehouse
        self.item: int = item
        self.quantity: int = quantity
        self.texts: str = texts
        self.remark: str = remark
        self.sold: int = 0
        self.order_count: int = 0
        self.remote_count: int = 0

    def __key__(self) -> tuple[int, int]:
        return self.warehouse, self.item

    @staticmethod
    def __partition__(key: tuple[int, int]) -> int:
        return key[0]

    def take(self, quantity: int, district: int, *, is_remote: bool) -> tuple[int, str, bool]:
        """Sell, refill by 91 when fewer than ten would remain; return what is left, the district's text, and whether it is an original."""
        if self.quantity < quantity + 10:
            self.quantity += 91
        self.quantity -= quantity
        self.sold += quantity
        self.order_count += 1
        self.remote_count += is_remote
        text = self.texts[_TEXT_CHARACTERS * (district - 1) : _TEXT_CHARACTERS * district]
        return self.quantity, text, "ORIGINAL" in self.remark


@stateflow.entity
class Warehouse:
    """Takes the money of its districts."""

    def __init__(self, number: int, name: str, address: str, tax: int, paid: int) -> None:
        self.number: int = number
        self.name: str = name
        self.address: str = address
        self.tax: int = tax
        self.paid: int = paid

    def __key__(self) -> int:
        return self.number

    def receive(self, amount: int) -> str:
        """Add a payment; return the name for the receipt."""
        self.paid += amount
        return self.name


@stateflow.entity
class Payment:
    """A row of the history: one payment of one customer."""

    def __init__(
        self, customer: tuple[int, int, int], number: int, district: tuple[int, int], moment_s: float, amount: int, text: str
    ) -> None:
        self.customer_warehouse, self.customer_district, self.customer = customer
        self.number: int = number
        self.warehouse, self.district = district
        self.moment_s: float = moment_s
        self.amount: int = amount
        self.text: str = text

    def __key__(self) -> tuple[int, int, int, int]:
        return self.customer_warehouse, self.customer_district, self.customer, self.number

    @staticmethod
    def __partition__(key: tuple[int, int, int, int]) -> int:
        return key[0]


@stateflow.entity
class Customer:
    """Someone who orders and pays in a district."""

    def __init__(
        self, place: tuple[int, int, int], first: str, last: str, address: str, discount: int, remark: str, has_good_credit: bool
    ) -> None:
        self.warehouse, self.district, self.number = place
        self.first: str = first
        self.last: str = last
        self.address: str = address
        self.discount: int = discount
        self.remark: str = remark
        self.has_good_credit: bool = has_good_credit
        self.balance: int = -1_000
        self.paid: int = 1_000
        self.payment_count: int = 1

    def __key__(self) -> tuple[int, int, int]:
        return self.warehouse, self.district, self.number

    @staticmethod
    def __partition__(key: tuple[int, int, int]) -> int:
        return key[0]

    def terms(self) -> tuple[str, int]:
        """Return the last name and the discount."""
        return self.last, self.discount

    def pay(self, amount: int, district: tuple[int, int], text: str) -> tuple[str, int]:
        """Pay; return the last name and the balance. Who has bad credit gets a note of it."""
        self.balance -= amount
        self.paid += amount
        self.payment_count += 1
        if not self.has_good_credit:
            self.remark = f"{self.__key__()} {district} {amount} {self.remark}"[:_DATA_CHARACTERS]
        Payment(self.__key__(), self.payment_count, district, time.time(), amount, text)
        return self.last, self.balance


@stateflow.entity
class Namesakes:
    """The customers of a district with one last name, in the order of their first names."""

    def __init__(self, place: tuple[int, int, str], customers: list[Customer]) -> None:
        self.place: tuple[int, int, str] = place
        self.customers: list[Customer] = customers

    def __key__(self) -> tuple[int, int, str]:
        return self.place

    @staticmethod
    def __partition__(key: tuple[int, int, str]) -> int:
        return key[0]

    def middle(self) -> Customer:
        """Return the one at position n/2, rounded up, counted from 1."""
        return self.customers[(len(self.customers) + 1) // 2 - 1]


@stateflow.entity
class Order:
    """An order with its lines; it is new until it is delivered."""

    def __init__(self, place: tuple[int, int, int], customer: Customer, moment_s: float, lines: list[OrderLine], is_new: bool) -> None:
        self.place: tuple[int, int, int] = place
        self.customer: Customer = customer
        self.moment_s: float = moment_s
        self.lines: list[OrderLine] = lines
        self.line_count: int = len(lines)
        self.is_local: bool = all(line.supplier == place[0] for line in lines)
        self.is_new: bool = is_new

    def __key__(self) -> tuple[int, int, int]:
        return self.place

    @staticmethod
    def __partition__(key: tuple[int, int, int]) -> int:
        return key[0]


@stateflow.entity
class District:
    """Takes the orders and payments of its customers for a warehouse."""

    def __init__(
        self, number: int, warehouse: Warehouse, warehouse_number: int, address: str, tax: int, paid: int, next_order: int
    ) -> None:
        self.place: tuple[int, int] = (warehouse_number, number)
        self.warehouse: Warehouse = warehouse
        self.address: str = address
        self.tax: int = tax
        self.paid: int = paid
        self.next_order: int = next_order

    def __key__(self) -> tuple[int, int]:
        return self.place

    @staticmethod
    def __partition__(key: tuple[int, int]) -> int:
        return key[0]

    def new_order(self, customer: Customer, wishes: list[Wish]) -> Receipt:
        """Take an order (clause 2.4). An item that does not exist raises `EntityNotFound`, which undoes all of it."""
        tax = self.tax + self.warehouse.tax
        number = self.next_order
        self.next_order += 1
        last_name, discount = customer.terms()
        lines: list[OrderLine] = []
        shown: list[tuple[str, int, str, int]] = []
        for wish in wishes:
            name, price, is_original = Item.by_key((self.place[0], wish.item)).offer()  # type: ignore[attr-defined]
            is_remote = wish.supplier != self.place[0]
            stock = Stock.by_key((wish.supplier, wish.item))  # type: ignore[attr-defined]
            left, text, is_marked = stock.take(wish.quantity, self.place[1], is_remote=is_remote)
            amount = wish.quantity * price
            lines.append(OrderLine(wish.item, wish.supplier, wish.quantity, amount, text))
            shown.append((name, left, "B" if is_original and is_marked else "G", amount))
        Order((*self.place, number), customer, time.time(), lines, True)
        total = sum(line.amount for line in lines) * (10_000 - discount) * (10_000 + tax) // 100_000_000
        return Receipt(number, last_name, total, shown)

    def payment(self, customer: Customer, amount: int) -> tuple[str, int]:
        """Take a payment (clause 2.5); return the customer's last name and balance."""
        self.paid += amount
        text = f"{self.warehouse.receive(amount)}    {self.place[1]}"
        return customer.pay(amount, self.place, text)

    def payment_by_name(self, namesakes: Namesakes, amount: int) -> tuple[str, int]:
        """Take a payment of the middle one of the customers with a last name."""
        return self.payment(namesakes.middle(), amount)
