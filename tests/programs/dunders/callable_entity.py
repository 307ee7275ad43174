"""Calling an entity calls its __call__, also through a variable, a list and a lambda."""

import stateflow


@stateflow.entity
class Formula:
    def __init__(self, name, factor):
        self.name, self.factor, self.uses = name, factor, 0

    def __key__(self):
        return self.name

    def __call__(self, x, *, plus=0):
        self.uses += 1
        return x * self.factor + plus


@stateflow.entity
class Engineer:
    def __init__(self, name):
        self.name, self.favourite = name, None

    def __key__(self):
        return self.name

    def compute(self, formulas):
        self.favourite = formulas[0]
        direct = formulas[1](4)
        listed = [f(2, plus=f.factor) for f in formulas]
        composed = (lambda x: formulas[0](formulas[1](x)))(1)
        return direct, listed, composed, self.favourite(10), callable(formulas[0])


def script(world):
    formulas = [world.create(Formula, "a", 2), world.create(Formula, "b", 3)]
    engineer = world.create(Engineer, "e")
    world.call(engineer, "compute", formulas)
    world.get(formulas[0], "uses")
