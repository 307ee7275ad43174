"""Swaps between fields of two entities and chained assignment evaluate the right side once, then the targets in order."""

import stateflow


@stateflow.entity
class Slot:
    def __init__(self, name, value):
        self.name, self.value = name, value

    def __key__(self):
        return self.name

    def fresh(self):
        print("fresh", self.name)
        return [self.name]


@stateflow.entity
class Juggler:
    def __init__(self, name):
        self.name, self.mine, self.all = name, 0, {}

    def __key__(self):
        return self.name

    def juggle(self, a, b):
        a.value, b.value = b.value, a.value
        self.mine, a.value = a.value, self.mine
        x = self.all["k"] = b.value = a.fresh()
        x.append("x")
        return a.value, b.value, self.mine, x, self.all["k"] is x


def script(world):
    a, b = world.create(Slot, "a", 1), world.create(Slot, "b", 2)
    juggler = world.create(Juggler, "j")
    world.call(juggler, "juggle", a, b)
    world.state(juggler)
    world.state(b)
