"""map and filter with lambdas and bound methods of other entities, consumed in place."""

import stateflow


@stateflow.entity
class Grinder:
    def __init__(self, brand):
        self.brand, self.beans = brand, 0

    def __key__(self):
        return self.brand

    def grind(self, grams):
        self.beans += grams
        return self.beans

    def likes(self, grams):
        return grams % 2 == 1


@stateflow.entity
class Barista:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def make(self, grinder, orders):
        ground = list(map(grinder.grind, orders))
        odd = list(filter(grinder.likes, orders))
        mixed = [x for x in map(lambda a, b: grinder.grind(a) - b, orders, ground)]
        total = sum(map(lambda x: grinder.grind(x), filter(lambda x: not grinder.likes(x), orders)))
        return ground, odd, mixed, total


def script(world):
    grinder = world.create(Grinder, "g")
    barista = world.create(Barista, "b")
    world.call(barista, "make", grinder, [1, 2, 3])
    world.get(grinder, "beans")
