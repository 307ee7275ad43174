"""The shop of the README, with users who have money: purchases and restocking."""

from __future__ import annotations

from typing import TYPE_CHECKING

import stateflow
from stateflow.bench.keys import choose_from
from stateflow.bench.workload import Ask, Condition, Workload

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from stateflow.bench.workload import References, States, Tally

__all__ = ["Item", "Shop", "User"]

_PRICE = 3
_BALANCE = 30_000
_STOCK = 10_000
_BUY_SHARE = 0.9
_ITEM_SHARE = 0.2
_SHOWN = 5


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

    def __init__(self, username: str, balance: int = 1) -> None:
        self.username: str = username
        self.balance: int = balance
        self.bought: int = 0

    def buy_item(self, amount: int, item: Item) -> bool:
        """Buy, if the balance and the stock allow it."""
        total_price = amount * item.price
        if self.balance < total_price:
            return False
        decrease_stock = item.update_stock(-amount)
        if not decrease_stock:
            return False
        self.balance -= total_price
        self.bought += amount
        return True

    def __key__(self) -> str:
        return self.username


class Shop(Workload):
    """Nine purchases and one delivery in ten; a fifth of the entities are items."""

    title = "The shop: 90 % purchases, 10 % deliveries"
    classes = (Item, User)

    @property
    def entity_count(self) -> int:
        """How many items and users there are."""
        return self._items + self._users

    @property
    def _items(self) -> int:
        return max(1, int(self.size.entities * _ITEM_SHARE))

    @property
    def _users(self) -> int:
        return max(1, self.size.entities - self._items)

    def creations(self, refs: References) -> Iterator[Ask]:
        """Create items with their stock, and users."""
        for number in range(self._items):
            yield Ask("create", Item, None, (_item(number), _PRICE))
        for number in range(self._items):
            yield Ask("deliver", Item.update_stock, refs.ref(Item, _item(number)), (_STOCK,))
        for number in range(self._users):
            yield Ask("create", User, None, (_user(number), _BALANCE))

    def requests(self, refs: References, draw: random.Random) -> Iterator[Ask]:
        """Yield purchases and deliveries; items are chosen by the size's distribution, users uniformly."""
        choose = choose_from(self._items, self.size.keys, draw)
        while True:
            amount, item = draw.randint(1, 3), _item(choose())
            if draw.random() < _BUY_SHARE:
                user = _user(draw.randrange(self._users))
                effects = (("bought", user, amount), ("sold", item, amount))
                yield Ask("buy", User.buy_item, refs.ref(User, user), (amount, refs.ref(Item, item)), effects)
            else:
                yield Ask("deliver", Item.update_stock, refs.ref(Item, item), (amount,), (("delivered", item, amount),))

    def check(self, states: States, tally: Tally) -> list[Condition]:
        """Compare stocks, balances and purchases with what was acknowledged."""
        users = [self._fault_of_user(str(key), state, tally) for key, state in states(User, map(_user, range(self._users)))]
        items = [self._fault_of_item(str(key), state, tally) for key, state in states(Item, map(_item, range(self._items)))]
        return [
            Condition("each acknowledged purchase is paid once", [fault for fault in users if fault][:_SHOWN], len(users)),
            Condition("stock is delivered less sold", [fault for fault in items if fault][:_SHOWN], len(items)),
        ]

    @staticmethod
    def _fault_of_user(key: str, state: dict[str, object] | None, tally: Tally) -> str | None:
        if state is None:
            return f"{key} is gone"
        bought, balance = state["bought"], state["balance"]
        assert isinstance(bought, int)
        if balance != _BALANCE - bought * _PRICE:
            return f"{key} has {balance} after buying {bought}"
        return tally.fault("bought", key, bought)

    @staticmethod
    def _fault_of_item(key: str, state: dict[str, object] | None, tally: Tally) -> str | None:
        if state is None:
            return f"{key} is gone"
        stock = state["stock"]
        assert isinstance(stock, int)
        known = _STOCK + tally.acknowledged["delivered", key] - tally.acknowledged["sold", key]
        least, most = known - tally.unknown["sold", key], known + tally.unknown["delivered", key]
        return None if least <= stock <= most else f"{key} has {stock} in stock instead of {least} to {most}"


def _item(number: int) -> str:
    return f"item-{number:08}"


def _user(number: int) -> str:
    return f"user-{number:08}"
