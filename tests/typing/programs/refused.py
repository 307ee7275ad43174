"""Mistakes that a type checker must find: each marked line, and no other."""

from __future__ import annotations

from stateflow.client import StateflowClient, StateflowFuture

from shop import Item, User


def mistakes(client: StateflowClient, user: User, item: Item) -> None:
    client.create(User)  # wrong
    client.create(User, 7)  # wrong
    client.create(Item, "tea", price="3")  # wrong
    client.call(User.buy_item, user, "two", item)  # wrong
    client.call(User.buy_item, user, 2)  # wrong
    client.call(User.buy_item, item, 2, item)  # wrong
    client.call(Item.update_stock, item, 2, 3)  # wrong
    text: StateflowFuture[str] = client.call(User.buy_item, user, 2, item)  # wrong
    client.create(User, "ann").get().fly()  # wrong
    client.list(User, prefix=1)  # wrong
    client.list(User, limit="3")  # wrong
    items: list[Item] = client.list(User).get()  # wrong
    client.count(user)  # wrong
    client.snapshot(3)  # wrong
    client.result(3)  # wrong
    number: int = client.ref(User, "ann")  # wrong
    right: StateflowFuture[bool] = client.call(User.buy_item, user, 2, item)
    print(text, number, right)
