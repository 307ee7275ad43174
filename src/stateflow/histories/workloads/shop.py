"""The shop of the README, with items that others restock meanwhile."""

from __future__ import annotations

import stateflow
from stateflow.histories.workloads.observed import Failed, Look, Observed

__all__ = ["Buyer", "Ware"]


@stateflow.entity
class Ware(Observed):
    """Something for sale."""

    def __init__(self, name: str, price: int, tx: str) -> None:
        self.name = name
        self.price = price
        self.stock = 0
        self.sold = 0
        self.born(name, tx)

    def __key__(self) -> str:
        return self.name

    def quote(self) -> tuple[int, Look]:
        """Return the price."""
        return self.price, self.look()

    def restock(self, amount: int, tx: str) -> tuple[int, list[Look]]:
        """Put more on the shelf."""
        self.stock += amount
        return self.stock, [self.mark(tx)]

    def take(self, amount: int, tx: str) -> tuple[bool, Look]:
        """Take from the shelf; refuse to take more than there is."""
        if self.stock < amount:
            return False, self.look()
        self.stock -= amount
        self.sold += amount
        return True, self.mark(tx)


@stateflow.entity
class Buyer(Observed):
    """Someone who buys."""

    def __init__(self, name: str, balance: int, tx: str) -> None:
        self.name = name
        self.balance = balance
        self.bought: dict[str, int] = {}
        self.born(name, tx)

    def __key__(self) -> str:
        return self.name

    def buy(self, amount: int, ware: Ware, tx: str) -> tuple[bool, list[Look]]:
        """Buy some of one ware; tell whether it worked."""
        price, met = ware.quote()
        seen = [met]
        if self.balance < amount * price:
            return False, [*seen, self.look()]
        is_taken, met = ware.take(amount, tx)
        seen.append(met)
        if not is_taken:
            return False, [*seen, self.look()]
        self.balance -= amount * price
        self.bought[ware.name] = self.bought.get(ware.name, 0) + amount
        return True, [*seen, self.mark(tx)]

    def buy_all(self, wares: list[Ware], tx: str) -> tuple[int, list[Look]]:
        """Buy one of each ware, or nothing at all."""
        seen: list[Look] = []
        for ware in wares:
            is_bought, met = self.buy(1, ware, tx)
            seen += met
            if not is_bought:
                raise Failed("not all to be had", seen)
        return self.balance, seen
