"""by_key of an entity that does not exist gives a reference that can be stored and compared, but not used."""

import stateflow
from stateflow.errors import EntityNotFound

EXPECTED_ERRORS = ("EntityNotFound",)


@stateflow.entity
class Stock:
    def __init__(self, sku, amount):
        self.sku, self.amount = sku, amount

    def __key__(self):
        return self.sku

    def take(self, n):
        self.amount -= n
        return self.amount


@stateflow.entity
class Shop:
    def __init__(self, name):
        self.name, self.shelf = name, {}

    def __key__(self):
        return self.name

    def plan(self, skus):
        self.shelf = {sku: Stock.by_key(sku) for sku in skus}
        return isinstance(self.shelf[skus[0]], Stock), self.shelf[skus[0]] == Stock.by_key(skus[0])

    def sell(self, sku):
        try:
            return self.shelf[sku].take(1)
        except EntityNotFound:
            Stock(sku, 10)
            return self.shelf[sku].take(2)

    def sell_strictly(self, sku):
        return self.shelf[sku].take(1)


def script(world):
    shop = world.create(Shop, "s")
    world.call(shop, "plan", ["a", "b"])
    world.call(shop, "sell", "a")
    world.call(shop, "sell", "a")
    world.call(shop, "sell_strictly", "b")
    world.state(shop)
