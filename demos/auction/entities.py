"""Bidders and lots. All money is in whole coins, and none appears or vanishes: it is in a purse, or held by a lot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import stateflow

__all__ = ["Bidder", "Lot", "LotClosed", "LotOpen", "NotEnoughMoney", "OwnLot", "TooLow"]

LONGEST_S = 7 * 24 * 3600


class TooLow(Exception):
    """A bid that is not above the best one."""


class NotEnoughMoney(Exception):
    """A bid that the purse of the bidder does not hold."""


class LotClosed(Exception):
    """A bid after the time is over."""


class LotOpen(Exception):
    """A settlement before the time is over."""


class OwnLot(Exception):
    """A bid for what the bidder sells."""


@stateflow.entity
class Bidder:
    """Someone with a purse, who bids and sells."""

    def __init__(self, name: str, money: int = 0):
        if not name.strip() or len(name) > 40 or money < 0:
            raise ValueError("a bidder has a name of 1 to 40 characters, and no debts")
        self.name: str = name
        self.money: int = money
        self.won: list[str] = []

    def __key__(self) -> str:
        return self.name

    def pay(self, amount: int) -> None:
        """Take money out of the purse."""
        if amount < 0 or amount > self.money:
            raise NotEnoughMoney(self.name, self.money)
        self.money -= amount

    def receive(self, amount: int) -> None:
        """Put money into the purse."""
        if amount < 0:
            raise ValueError("money that is received is not negative")
        self.money += amount

    def take_home(self, title: str) -> None:
        """Get what was won."""
        self.won.append(title)


@stateflow.entity
class Lot:
    """Something that goes to the best bid before its time is over."""

    def __init__(self, number: str, title: str, seller: Bidder, price: int, seconds: int = 60):
        if not title.strip() or len(title) > 80 or price < 1 or not 1 <= seconds <= LONGEST_S:
            raise ValueError("a lot has a title of 1 to 80 characters, a price of at least 1, and 1 second to 7 days")
        self.number: str = number
        self.title: str = title
        self.seller: Bidder = seller
        self.price: int = price
        # The clock is the runtime's: the time at which the request was sent, the same when the method is run again.
        self.closes: datetime = datetime.now(UTC) + timedelta(seconds=seconds)
        self.leader: Bidder | None = None
        self.held: int = 0
        self.bids: int = 0
        self.sold_for: int = 0
        self.is_settled: bool = False

    def __key__(self) -> str:
        return self.number

    def bid(self, bidder: Bidder, amount: int) -> int:
        """Hold the bidder's money, and give that of the former leader back; return what the next bid must be at least."""
        if datetime.now(UTC) >= self.closes:
            raise LotClosed(self.number)
        if bidder == self.seller:
            raise OwnLot(self.number)
        if amount < self.next_bid():
            raise TooLow(self.next_bid())
        # Whatever fails below undoes all of this, in each purse: a bid that cannot be paid leaves the former leader in the lead.
        if self.leader is not None:
            self.leader.receive(self.held)
        bidder.pay(amount)
        self.leader, self.held = bidder, amount
        self.bids += 1
        return self.next_bid()

    def next_bid(self) -> int:
        """Return the least that a bid must be now."""
        return self.price if self.leader is None else self.held + max(1, self.held // 20)

    def settle(self) -> str | None:
        """Sell to the leader once the time is over; return who that is. A second time it changes nothing."""
        if datetime.now(UTC) < self.closes:
            raise LotOpen(self.number)
        if not self.is_settled and self.leader is not None:
            self.seller.receive(self.held)
            self.leader.take_home(self.title)
            self.sold_for, self.held = self.held, 0
        self.is_settled = True
        return None if self.leader is None else self.leader.name
