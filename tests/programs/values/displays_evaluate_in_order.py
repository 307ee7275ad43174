"""List, tuple, set and dict displays with remote parts and stars evaluate left to right, keys before values."""

import stateflow


@stateflow.entity
class Counter:
    def __init__(self, name):
        self.name, self.n = name, 0

    def __key__(self):
        return self.name

    def up(self):
        self.n += 1
        return self.n

    def two(self):
        return [self.up(), self.up()]

    def table(self):
        return {"n": self.up(), "m": 0}


@stateflow.entity
class Maker:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def make(self, c):
        a = [c.up(), *c.two(), c.up()]
        b = (*c.two(), c.up(), *[c.up()])
        d = {c.up(): c.up(), **c.table(), "m": c.up(), **{"z": c.up()}}
        e = {c.up(), *c.two()}
        return a, b, d, e, [c.up(), [c.up(), (c.up(),)]]


def script(world):
    counter = world.create(Counter, "c")
    maker = world.create(Maker, "m")
    world.call(maker, "make", counter)
    world.get(counter, "n")
