"""f-strings, str(), format() and print of another entity use its __str__, __format__ and __repr__."""

import stateflow


@stateflow.entity
class Money:
    def __init__(self, name, cents):
        self.name, self.cents = name, cents

    def __key__(self):
        return self.name

    def __str__(self):
        return f"{self.cents / 100:.2f}"

    def __repr__(self):
        return f"<money {self.cents}>"

    def __format__(self, spec):
        return f"[{spec}:{self.cents}]"


@stateflow.entity
class Clerk:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def write(self, money):
        print(money, "paid")
        return f"{money} {money!s} {money!r} {money:>8}", str(money), repr(money), format(money, "x"), "%s" % str(money)


def script(world):
    money = world.create(Money, "m", 1250)
    clerk = world.create(Clerk, "c")
    world.call(clerk, "write", money)
    world.get(money, "cents")
