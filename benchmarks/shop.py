"""The shop of the benchmarks."""

from __future__ import annotations

import stateflow

__all__ = ["Item", "Plain", "User"]


class Plain:
    """An item that is no entity."""

    def __init__(self, item_name: str, price: int) -> None:
        self.item_name: str = item_name
        self.stock: int = 0
        self.price: int = price

    def update_stock(self, amount: int) -> bool:
        """Add to the stock; refuse to take more than there is."""
        if self.stock + amount < 0:
            return False
        self.stock += amount
        return True


@stateflow.entity
class Item:
    """Something for sale."""

    def __init__(self, item_name: str, price: int) -> None:
        self.item_name: str = item_name
        self.stock: int = 0
        self.price: int = price

    def update_stock(self, amount: int) -> bool:
        """Add to the stock; refuse to take more than there is."""
        if self.stock + amount < 0:
            return False
        self.stock += amount
        return True

    def __key__(self) -> str:
        return self.item_name


@stateflow.entity
class User:
    """Someone who buys."""

    def __init__(self, username: str) -> None:
        self.username: str = username
        self.balance: int = 1

    def buy_item(self, amount: int, item: Item) -> bool:
        """Buy, if the balance and the stock allow it."""
        total_price = amount * item.price
        if self.balance < total_price:
            return False
        decrease_stock = item.update_stock(-amount)
        if not decrease_stock:
            return False
        self.balance -= total_price
        return True

    def __key__(self) -> str:
        return self.username
