"""min and max over entities with a key function that asks each; ties go to the first."""

import stateflow


@stateflow.entity
class Supplier:
    def __init__(self, name, price):
        self.name, self.price = name, price
        self.quotes = 0

    def __key__(self):
        return self.name

    def quote(self, amount):
        self.quotes += 1
        return self.price * amount


@stateflow.entity
class Buyer:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def cheapest(self, suppliers, amount):
        best = min(suppliers, key=lambda s: s.quote(amount))
        worst = max(suppliers, key=lambda s: s.price)
        return best, worst, best.quotes, min((s.quote(2) for s in suppliers), default=0)

    def best_price(self, suppliers):
        return max((s.quote(1) for s in suppliers), default=None), min(s.quotes for s in suppliers)


def script(world):
    suppliers = [world.create(Supplier, n, p) for n, p in (("a", 5), ("b", 3), ("c", 3), ("d", 5))]
    buyer = world.create(Buyer, "x")
    world.call(buyer, "cheapest", suppliers, 10)
    world.call(buyer, "best_price", suppliers)
