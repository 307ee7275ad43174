"""A property of another entity runs its body there, once for each read, in any expression."""

import stateflow


@stateflow.entity
class Circle:
    def __init__(self, name, radius):
        self.name, self.radius, self.reads = name, radius, 0

    def __key__(self):
        return self.name

    @property
    def diameter(self):
        self.reads += 1
        return self.radius * 2


@stateflow.entity
class Ruler:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def measure(self, a, b):
        total = a.diameter + b.diameter
        text = f"{a.diameter:>4}|{b.diameter!r}"
        bigger = a if a.diameter > b.diameter else b
        return total, text, bigger.name, [0, 1, 2, 3, 4][a.diameter : b.diameter], (a.reads, b.reads)


def script(world):
    a, b = world.create(Circle, "a", 1), world.create(Circle, "b", 2)
    ruler = world.create(Ruler, "r")
    world.call(ruler, "measure", a, b)
    world.get(a, "diameter")
    world.get(a, "reads")
