"""The shop of the benchmarks, which is that of `stateflow bench`, and an item that is no entity."""

from __future__ import annotations

from stateflow.bench.workloads.shop import Item, User

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
