"""A loop over dict items may replace values between suspensions; adding a key is CPython's RuntimeError."""

import stateflow

EXPECTED_ERRORS = ("RuntimeError",)


@stateflow.entity
class Rates:
    def __init__(self, year):
        self.year = year

    def __key__(self):
        return self.year

    def factor(self, name):
        return len(name)


@stateflow.entity
class Portfolio:
    def __init__(self, owner):
        self.owner = owner
        self.funds = {"gold": 10, "oil": 20, "tech": 30}

    def __key__(self):
        return self.owner

    def grow(self, rates):
        for name, amount in self.funds.items():
            self.funds[name] = amount * rates.factor(name)
        return list(self.funds.items())

    def split(self, rates):
        for name in self.funds:
            self.funds[name + "2"] = rates.factor(name)


def script(world):
    rates = world.create(Rates, 2024)
    portfolio = world.create(Portfolio, "ann")
    world.call(portfolio, "grow", rates)
    world.call(portfolio, "split", rates)
    world.state(portfolio)
