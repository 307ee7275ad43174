"""`in` and unpacking on an entity with only __iter__, and reversed() by its __reversed__."""

import stateflow


@stateflow.entity
class Train:
    def __init__(self, number, wagons):
        self.number, self.wagons = number, wagons

    def __key__(self):
        return self.number

    def __iter__(self):
        return iter(self.wagons)

    def __reversed__(self):
        return iter(self.wagons[::-1])


@stateflow.entity
class Yard:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def check(self, train):
        a, b, *rest = train
        return "coal" in train, "gold" in train, a, b, rest, list(reversed(train)), sorted(train), max(train), sum(len(w) for w in train)


def script(world):
    train = world.create(Train, 7, ["coal", "mail", "food"])
    yard = world.create(Yard, "y")
    world.call(yard, "check", train)
    world.get(train, "wagons")
