"""Defaults of nested functions, positional and keyword-only, are evaluated once, where the function is made."""
import stateflow


@stateflow.entity
class Rate:
    def __init__(self, name, value):
        self.name = name
        self.value = value
        self.asked = 0

    def __key__(self):
        return self.name

    def ask(self):
        self.asked += 1
        self.value += 1
        return self.value


@stateflow.entity
class Shop:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def quote(self, rate):
        def price(amount, factor=rate.ask(), *, extra=rate.ask(), log=[]):
            log.append(amount)
            return amount * factor + extra + rate.value, list(log)

        taxed = lambda amount, *, tax=rate.ask(): amount + tax + rate.ask()
        return price(1), price(2, 3), price(4, extra=0), taxed(10), taxed(10, tax=0), rate.asked


def script(world):
    rate = world.create(Rate, "r", 10)
    shop = world.create(Shop, "s")
    world.call(shop, "quote", rate)
    world.state(rate)
