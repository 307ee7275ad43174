"""Interest is credited over years until a target, with the rate asked each year."""

import stateflow


@stateflow.entity
class CentralBank:
    def __init__(self, rates):
        self.name, self.rates = "ecb", rates

    def __key__(self):
        return self.name

    def rate(self, year):
        return self.rates[year % len(self.rates)]


@stateflow.entity
class Savings:
    def __init__(self, owner, cents):
        self.owner, self.cents, self.years = owner, cents, []

    def __key__(self):
        return self.owner

    def grow_to(self, target, bank):
        year = 0
        while self.cents < target and year < 20:
            if not (rate := bank.rate(year)):
                year += 1
                continue
            interest, rest = divmod(self.cents * rate, 100)
            self.cents += interest
            self.years.append((year, rate, rest))
            year += 1
        return year, self.cents


def script(world):
    bank = world.create(CentralBank, [5, 0, 3])
    savings = world.create(Savings, "ann", 1000)
    world.call(savings, "grow_to", 1300, bank)
    world.call(savings, "grow_to", 10, bank)
    world.state(savings)
