"""A checkout over several items fails at the third, so the first two keep their stock."""

import stateflow

EXPECTED_ERRORS = ("NotEnough",)


class NotEnough(Exception):
    pass


@stateflow.entity
class Item:
    def __init__(self, name: str, price: int, stock: int):
        self.name, self.price, self.stock = name, price, stock

    def __key__(self):
        return self.name

    def reserve(self, n: int) -> int:
        if n > self.stock:
            raise NotEnough(self.name, n - self.stock)
        self.stock -= n
        return n * self.price


@stateflow.entity
class Cart:
    def __init__(self, owner: str):
        self.owner = owner
        self.lines: dict[Item, int] = {}
        self.paid = 0

    def __key__(self):
        return self.owner

    def put(self, item: Item, n: int = 1) -> int:
        self.lines[item] = self.lines.get(item, 0) + n
        return len(self.lines)

    def checkout(self) -> int:
        total = sum(item.reserve(n) for item, n in self.lines.items())
        self.paid += total
        self.lines.clear()
        return total


def script(world):
    items = [world.create(Item, n, p, 5) for n, p in (("tea", 3), ("cup", 7), ("pot", 20))]
    cart = world.create(Cart, "ann")
    for item, n in zip(items, (1, 2, 9)):
        world.call(cart, "put", item, n)
    world.call(cart, "checkout")
    world.state(cart)
    world.call(items[2], "reserve", -10)
    world.call(cart, "checkout")
    world.state(items[0])
    world.state(cart)
