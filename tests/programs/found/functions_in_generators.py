"""A lambda or a local function that reads an entity may be called inside a generator expression."""

import stateflow


@stateflow.entity
class Item:
    def __init__(self, name, price):
        self.name, self.price = name, price

    def __key__(self):
        return self.name


@stateflow.entity
class Till:
    def __init__(self, name):
        self.name, self.fee = name, 1

    def __key__(self):
        return self.name

    def charge(self, items):
        out = []

        def priced(item):
            return item.price + self.fee

        out.extend(priced(item) for item in items)
        total = sum((lambda item, n=2: item.price * n)(item) for item in items)
        return out, total, list(priced(i) for i in items if priced(i) > 3), any(priced(i) > 100 for i in items)


def script(world):
    items = [world.create(Item, "tea", 3), world.create(Item, "rye", 2)]
    till = world.create(Till, "t")
    world.call(till, "charge", items)
    world.call(till, "charge", [])
