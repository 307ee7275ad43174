"""The shop: two entity classes, written as plain Python."""

from __future__ import annotations

import stateflow

__all__ = ["Item", "NotEnoughBalance", "User", "stateflow"]


class NotEnoughBalance(Exception):
    """A purchase that the user cannot pay."""


@stateflow.stateflow
class Item:
    """Something for sale."""

    def __init__(self, item_name: str, price: int):
        self.item_name: str = item_name
        self.stock: int = 0
        self.price: int = price

    def set_stock(self, amount: int) -> None:
        """Set the stock."""
        self.stock = amount

    def update_stock(self, amount: int) -> bool:
        """Add to the stock; refuse to take more than there is."""
        if self.stock + amount < 0:
            return False
        self.stock += amount
        return True

    def __key__(self) -> str:
        return self.item_name


@stateflow.stateflow
class User:
    """Someone who buys."""

    def __init__(self, username: str):
        self.username: str = username
        self.balance: int = 1

    def update_balance(self, x: int) -> None:
        """Add to the balance."""
        self.balance += x

    def buy_item(self, amount: int, item: Item) -> bool:
        """Buy, if the balance and the stock allow it."""
        total_price = amount * item.price

        if self.balance < total_price:
            return False

        # Decrease the stock.
        decrease_stock = item.update_stock(-amount)

        if not decrease_stock:
            return False  # For some reason, stock couldn't be decreased.

        self.balance -= total_price
        return True

    def buy_all(self, amount: int, items: list[Item]) -> int:
        """Buy of each item, or of none: the exception undoes what was bought before it."""
        total = 0
        for item in items:
            if not self.buy_item(amount, item):
                raise NotEnoughBalance(f"{self.username} cannot buy {amount} of {item.item_name}")
            total += amount * item.price
        return total

    def __key__(self) -> str:
        return self.username
