"""Lambdas made in a comprehension share its variable; a default argument freezes it."""

import stateflow


@stateflow.entity
class Multiplier:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def times(self, a, b):
        return a * b


@stateflow.entity
class Table:
    def __init__(self, n):
        self.n = n

    def __key__(self):
        return self.n

    def functions(self, m):
        late = [lambda x: m.times(x, i) for i in range(3)]
        early = [lambda x, i=i: m.times(x, i) for i in range(3)]
        return [f(10) for f in late], [f(10) for f in early]

    def loop_functions(self, m):
        functions = []
        for i in range(3):
            functions.append(lambda x: m.times(x, i) + self.n)
        i = 7
        return [f(1) for f in functions]


def script(world):
    m = world.create(Multiplier, "m")
    table = world.create(Table, 1)
    world.call(table, "functions", m)
    world.call(table, "loop_functions", m)
