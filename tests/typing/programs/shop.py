"""The shop's classes, as a user writes them."""

from __future__ import annotations

import stateflow


@stateflow.stateflow
class Item:
    def __init__(self, item_name: str, price: int) -> None:
        self.item_name = item_name
        self.stock = 0
        self.price = price

    def update_stock(self, amount: int) -> bool:
        if self.stock + amount < 0:
            return False
        self.stock += amount
        return True

    def __key__(self) -> str:
        return self.item_name


@stateflow.entity
class User:
    def __init__(self, username: str, *, balance: int = 1) -> None:
        self.username = username
        self.balance = balance
        self.wishes: list[Item] = []

    def buy_item(self, amount: int, item: Item) -> bool:
        total_price = amount * item.price
        reveal_type(item)  # reveals: Item
        if self.balance < total_price or not item.update_stock(-amount):
            return False
        self.balance -= total_price
        return True

    def wish(self, item: Item) -> None:
        self.wishes.append(item)

    def cheapest_wish(self) -> Item | None:
        return min(self.wishes, key=lambda item: item.price, default=None)

    async def count_stock(self, *items: Item) -> int:
        return sum(item.stock for item in items)

    def leave(self) -> None:
        stateflow.delete(self)

    def __key__(self) -> str:
        return self.username
