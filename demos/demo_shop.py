"""Run the shop on the embedded engine and print each step."""

from __future__ import annotations

import tempfile
from pathlib import Path

from demo_common import Item, NotEnoughBalance, User, stateflow

from stateflow.dataflow.graph import build_graph
from stateflow.dataflow.render import to_mermaid
from stateflow.runtime.local import LocalRuntime


def show(step: str, answer: object) -> None:
    """Print one step."""
    print(f"  {step:<58} -> {answer}")


def main() -> None:
    """Create entities, buy, refuse, roll back."""
    flow = stateflow.init(Item, User)
    with tempfile.TemporaryDirectory() as folder, LocalRuntime(flow, path=Path(folder) / "shop.db") as runtime, runtime.client() as client:
        print(f"The shop on the embedded engine, kept in {Path(folder) / 'shop.db'}")
        tea = client.create(Item, "tea", 3).get()
        silver = client.create(Item, "silver spoon", 70).get()
        ann = client.create(User, "ann").get()
        show('client.create(Item, "tea", 3)', repr(tea))
        show('client.create(User, "ann")', repr(ann))
        for item in (tea, silver):
            client.call(Item.set_stock, item, 10).get()
        client.call(User.update_balance, ann, 99).get()
        show("ann's balance after update_balance(99)", client.get(ann, "balance").get())

        show("ann.buy_item(2, tea): balance and stock change together", client.call(User.buy_item, ann, 2, tea).get())
        show("ann", client.state(ann).get())
        show("tea", client.state(tea).get())

        show("ann.buy_item(2, silver): the balance is too low, refused", client.call(User.buy_item, ann, 2, silver).get())

        try:
            client.call(User.buy_all, ann, 2, [tea, silver]).get()
        except NotEnoughBalance as error:
            show("ann.buy_all(2, [tea, silver]) raises", repr(error))
        show("and is rolled back: ann", client.state(ann).get())
        show("and is rolled back: tea", client.state(tea).get())

    print("\nThe dataflow, as Mermaid:\n")
    print(to_mermaid(build_graph(flow.program)))


if __name__ == "__main__":
    main()
