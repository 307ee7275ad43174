"""functools.partial and reduce over remote methods, called in place."""

from functools import partial, reduce

import stateflow


@stateflow.entity
class Adder:
    def __init__(self, name):
        self.name, self.count = name, 0

    def __key__(self):
        return self.name

    def add(self, a, b, times=1):
        self.count += 1
        return (a + b) * times


@stateflow.entity
class Calculator:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def compute(self, adder):
        add_ten = partial(adder.add, 10)
        tripled = partial(adder.add, times=3)
        return add_ten(5), tripled(1, 2), reduce(lambda a, b: adder.add(a, b), [1, 2, 3, 4]), add_ten(1, times=2)


def script(world):
    adder = world.create(Adder, "a")
    calculator = world.create(Calculator, "c")
    world.call(calculator, "compute", adder)
    world.get(adder, "count")
