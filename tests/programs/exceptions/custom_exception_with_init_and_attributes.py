"""A user's exception with its own constructor keeps type, args, attributes and references over two entities."""

import stateflow

EXPECTED_ERRORS = ("OutOfStock",)


class OutOfStock(Exception):
    def __init__(self, item, *, wanted, available=0):
        super().__init__(f"{wanted} wanted")
        self.item = item
        self.wanted = wanted
        self.available = available

    @property
    def missing(self):
        return self.wanted - self.available


@stateflow.entity
class Item:
    def __init__(self, name, stock):
        self.name, self.stock = name, stock

    def __key__(self):
        return self.name

    def reserve(self, amount):
        if amount > self.stock:
            raise OutOfStock(self, wanted=amount, available=self.stock)
        self.stock -= amount


@stateflow.entity
class Cart:
    def __init__(self, owner):
        self.owner = owner

    def __key__(self):
        return self.owner

    def fill(self, item, amount):
        try:
            item.reserve(amount)
        except OutOfStock as error:
            item.reserve(error.available)
            return error.missing, error.item is item, error.item.stock
        return 0

    def insist(self, item, amount):
        item.reserve(amount)


def script(world):
    item = world.create(Item, "tea", 5)
    cart = world.create(Cart, "ann")
    world.call(cart, "fill", item, 7)
    world.call(cart, "insist", item, 1)
    world.state(item)
