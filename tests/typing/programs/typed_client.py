"""The client's typed form has exact types."""

from __future__ import annotations

import stateflow
from stateflow.client import StateflowClient, StateflowFuture
from stateflow.runtime.local import LocalRuntime

from shop import Item, User


def use(client: StateflowClient) -> StateflowFuture[bool]:
    reveal_type(client.create(User, "ann"))  # reveals: StateflowFuture[User]
    reveal_type(client.create(User, "ann", balance=3).get())  # reveals: User
    reveal_type(client.ref(Item, "tea"))  # reveals: Item
    user = client.ref(User, "ann")
    item = client.create(Item, "tea", 3).get(timeout=1.5)
    reveal_type(client.call(User.buy_item, user, 2, item))  # reveals: StateflowFuture[bool]
    reveal_type(client.call(User.cheapest_wish, user).get())  # reveals: Item | None
    reveal_type(client.call(User.wish, user, item))  # reveals: StateflowFuture[None]
    reveal_type(client.call(User.count_stock, user, item, item))  # reveals: StateflowFuture[int]
    reveal_type(client.state(user).get())  # reveals: dict[str, Any]
    reveal_type(client.delete(user))  # reveals: StateflowFuture[None]
    reveal_type(client.list(User))  # reveals: StateflowFuture[list[User]]
    reveal_type(client.list(Item, prefix="te", limit=10, after=item).get())  # reveals: list[Item]
    reveal_type(client.count(User, prefix=("a", 1)))  # reveals: StateflowFuture[int]
    reveal_type(client.snapshot([user]))  # reveals: StateflowFuture[dict[User, dict[str, Any]]]
    reveal_type(client.snapshot(client.list(Item).get()).get()[item])  # reveals: dict[str, Any]
    reveal_type(client.result("r-1", sent_ns=3).get())  # reveals: Any
    reveal_type(client.create(User, "ann").exception())  # reveals: BaseException | None
    return client.call(User.buy_item, user, amount=2, item=item)


async def wait(client: StateflowClient) -> bool:
    reveal_type(await client.create(User, "ann"))  # reveals: User
    reveal_type(await client.list(User))  # reveals: list[User]
    reveal_type(await client.count(User))  # reveals: int
    return await use(client)


def main() -> None:
    flow = stateflow.init(User, Item)
    reveal_type(flow)  # reveals: Dataflow
    with LocalRuntime(flow, suspend_everywhere=True) as runtime, runtime.client() as client:
        print(use(client).get())
    try:
        use(client)
    except stateflow.ClientClosed as problem:
        print(problem)
