"""functools.cached_property computes once, by a remote call, and then lives in the entity's state."""

from functools import cached_property

import stateflow


@stateflow.entity
class Tax:
    def __init__(self, country):
        self.country, self.asked = country, 0

    def __key__(self):
        return self.country

    def rate(self):
        self.asked += 1
        return 21


@stateflow.entity
class Invoice:
    def __init__(self, number, net, tax):
        self.number, self.net, self.tax = number, net, tax

    def __key__(self):
        return self.number

    @property
    def gross(self):
        return self.net + self.net * self.tax.rate() // 100

    @cached_property
    def doubled(self):
        return self.net * 2

    def show(self):
        return self.gross, self.doubled, self.doubled, self.gross


def script(world):
    tax = world.create(Tax, "nl")
    invoice = world.create(Invoice, 1, 100, tax)
    world.call(invoice, "show")
    world.state(invoice)
    world.get(tax, "asked")
