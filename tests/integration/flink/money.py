"""Entities whose totals tell whether each request changed state once."""

from __future__ import annotations

import stateflow

__all__ = ["Account", "Counter", "Item"]


@stateflow.entity
class Account:
    """Money that moves and never changes its sum."""

    def __init__(self, name: str, balance: int) -> None:
        self.name = name
        self.balance = balance

    def __key__(self) -> str:
        return self.name

    def deposit(self, amount: int) -> int:
        """Add to the balance."""
        self.balance += amount
        return self.balance

    def transfer(self, amount: int, to: Account) -> bool:
        """Move money to another account, if there is enough."""
        if self.balance < amount:
            return False
        self.balance -= amount
        to.deposit(amount)
        return True

    def buy(self, amount: int, item: Item) -> bool:
        """Buy, if there is enough money and stock."""
        price = amount * item.price
        if self.balance < price or not item.take(amount):
            return False
        self.balance -= price
        return True


@stateflow.entity
class Item:
    """Something for sale, whose stock and sales never change their sum."""

    def __init__(self, name: str, price: int, stock: int) -> None:
        self.name = name
        self.price = price
        self.stock = stock
        self.sold = 0

    def __key__(self) -> str:
        return self.name

    def take(self, amount: int) -> bool:
        """Sell, if there is enough."""
        if self.stock < amount:
            return False
        self.stock -= amount
        self.sold += amount
        return True


@stateflow.entity
class Counter:
    """Counts calls."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.value = 0

    def __key__(self) -> str:
        return self.name

    def add(self) -> int:
        """Count one call; return how many there were."""
        self.value += 1
        return self.value

    def repeat(self, length: int) -> str:
        """Count one call; return a text of this length."""
        self.value += 1
        return "x" * length
