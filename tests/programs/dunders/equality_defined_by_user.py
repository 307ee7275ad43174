"""A user's __eq__ is used by == and != between entities and values; `is` stays identity."""

import stateflow


@stateflow.entity
class Coin:
    def __init__(self, serial, value):
        self.serial, self.value = serial, value

    def __key__(self):
        return self.serial

    def __eq__(self, other):
        print("eq", self.serial)
        if isinstance(other, Coin):
            return self.value == other.value
        if isinstance(other, int):
            return self.value == other
        return NotImplemented

    def __hash__(self):
        return hash(self.serial)


@stateflow.entity
class Collector:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def compare(self, a, b, c):
        return a == b, a != b, a == c, a is b, a is a, a == 5, 5 == a, a == "x", a != None


def script(world):
    a, b, c = world.create(Coin, 1, 5), world.create(Coin, 2, 5), world.create(Coin, 3, 7)
    collector = world.create(Collector, "c")
    world.call(collector, "compare", a, b, c)
    world.call(collector, "compare", c, a, c)
