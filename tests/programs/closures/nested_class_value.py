"""A value class of the module keeps a reference, reaches the entity from methods, properties and operators."""

import stateflow


class Money:
    def __init__(self, amount, currency):
        self.amount, self.currency = amount, currency

    @property
    def in_euro(self):
        return self.amount * self.currency.rate()

    def __add__(self, other):
        return Money(self.in_euro + other.in_euro, self.currency.base())

    def __eq__(self, other):
        return self.in_euro == other.in_euro

    def __repr__(self):
        return f"{self.amount} {self.currency.code}"


@stateflow.entity
class Currency:
    def __init__(self, code, factor, base=None):
        self.code, self.factor, self.parent = code, factor, base

    def __key__(self):
        return self.code

    def rate(self):
        return self.factor

    def base(self):
        return self.parent or self


@stateflow.entity
class Desk:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def sum(self, euro, dollar):
        a, b = Money(10, euro), Money(4, dollar)
        c = b + a
        return repr(c), c.in_euro, a == Money(20, dollar), a == b, c.currency is euro


def script(world):
    euro = world.create(Currency, "EUR", 1)
    dollar = world.create(Currency, "USD", 0.5, euro)
    desk = world.create(Desk, "d")
    world.call(desk, "sum", euro, dollar)
