"""Binary, reflected and in-place operators on remote entities call their dunders with the operands in order."""

import stateflow


@stateflow.entity
class Purse:
    def __init__(self, owner, coins):
        self.owner, self.coins = owner, coins

    def __key__(self):
        return self.owner

    def __add__(self, other):
        if isinstance(other, Purse):
            return self.coins + other.coins
        if isinstance(other, int):
            return self.coins + other
        return NotImplemented

    def __radd__(self, other):
        return ("radd", other, self.coins)

    def __sub__(self, other):
        return self.coins - other

    def __iadd__(self, amount):
        self.coins += amount
        return self

    def __neg__(self):
        return -self.coins

    def __mul__(self, times):
        return [self.coins] * times


@stateflow.entity
class Banker:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def count(self, a, b):
        results = [a + b, a + 1, 2 + a, a - 3, -b, b * 2]
        same = a
        a += 10
        results.append((a is same, a.coins))
        try:
            a - "x"
        except TypeError as error:
            results.append(str(error))
        return results


def script(world):
    a, b = world.create(Purse, "a", 5), world.create(Purse, "b", 7)
    banker = world.create(Banker, "x")
    world.call(banker, "count", a, b)
    world.state(a)
