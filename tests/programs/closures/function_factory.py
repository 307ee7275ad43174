"""A nested function returned by another nested function keeps its own copies of the outer variables."""

import stateflow


@stateflow.entity
class Rates:
    def __init__(self, name):
        self.name, self.rates = name, {"vat": 2, "fee": 3}

    def __key__(self):
        return self.name

    def rate(self, kind):
        return self.rates[kind]


@stateflow.entity
class Shop:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def prices(self, rates, nets):
        def pricing(kind):
            factor = rates.rate(kind)
            calls = 0

            def price(net):
                nonlocal calls
                calls += 1
                return net * factor + rates.rate(kind) * calls

            return price

        vat, fee = pricing("vat"), pricing("fee")
        return [vat(n) for n in nets], [fee(n) for n in nets], vat(0)


def script(world):
    rates = world.create(Rates, "r")
    shop = world.create(Shop, "s")
    world.call(shop, "prices", rates, [10, 20])
