"""Money that moves between accounts, and auditors who count it."""

from __future__ import annotations

import asyncio
from typing import Any

import stateflow
from stateflow.histories.workloads.observed import Failed, Look, Observed

__all__ = ["Account", "Auditor"]


@stateflow.entity
class Account(Observed):
    """Holds coins."""

    def __init__(self, owner: str, coins: int, tx: str) -> None:
        self.owner = owner
        self.coins = coins
        self.born(owner, tx)

    def __key__(self) -> str:
        return self.owner

    def add(self, coins: int, tx: str) -> Look:
        """Take coins in."""
        self.coins += coins
        return self.mark(tx)

    def pay(self, other: Account, coins: int, tx: str) -> tuple[int, list[Look]]:
        """Pay coins, and find out afterwards whether there were enough: the refusal undoes both sides."""
        self.coins -= coins
        seen = [self.mark(tx)]
        seen.append(other.add(coins, tx))
        if self.coins < 0:
            raise Failed("too poor", seen)
        return self.coins, seen

    def share(self, others: list[Account], coins: int, tx: str) -> tuple[int, list[Look]]:
        """Pay coins to each of several, as far as they last."""
        seen = [self.mark(tx)]
        for other in others:
            if self.coins < coins:
                break
            self.coins -= coins
            seen.append(other.add(coins, tx))
        return self.coins, seen

    def balance(self) -> tuple[int, Look]:
        """Return what is there."""
        return self.coins, self.look()

    async def worth(self) -> tuple[int, Look]:
        """Return what is there, to those who ask many at once."""
        return self.coins, self.look()


@stateflow.entity
class Auditor(Observed):
    """Counts the coins of all accounts."""

    def __init__(self, name: str, tx: str) -> None:
        self.name = name
        self.born(name, tx)

    def __key__(self) -> str:
        return self.name

    def total(self, accounts: list[Account]) -> tuple[int, list[Look]]:
        """Count, one account after the other."""
        coins, seen = 0, []
        for account in accounts:
            there, met = account.balance()
            coins += there
            seen.append(met)
        return coins, seen

    async def total_at_once(self, accounts: list[Account]) -> tuple[int, list[Look]]:
        """Count, all accounts at once."""
        found: list[Any] = await asyncio.gather(*[account.worth() for account in accounts])
        return sum(coins for coins, _ in found), [met for _, met in found]
