"""`and` and `or` over remote answers stop as soon as the result is known and give the deciding operand itself."""

import stateflow


@stateflow.entity
class Witness:
    def __init__(self, name: str, answer):
        self.name = name
        self.answer = answer
        self.asked = 0

    def __key__(self):
        return self.name

    def testify(self):
        self.asked += 1
        print("asked", self.name)
        return self.answer


@stateflow.entity
class Court:
    def __init__(self, city: str):
        self.city = city

    def __key__(self):
        return self.city

    def all_of(self, a: Witness, b: Witness, c: Witness):
        return a.testify() and b.testify() and c.testify()

    def any_of(self, a: Witness, b: Witness, c: Witness):
        return a.testify() or b.testify() or c.testify()

    def mixed(self, a: Witness, b: Witness, c: Witness):
        verdict = not a.testify() or (b.testify() and not c.testify())
        return verdict


def script(world):
    yes = world.create(Witness, "yes", [1])
    empty = world.create(Witness, "empty", [])
    zero = world.create(Witness, "zero", 0)
    court = world.create(Court, "c")
    for a, b, c in ((yes, empty, zero), (empty, zero, yes), (zero, empty, empty), (yes, yes, yes)):
        world.call(court, "all_of", a, b, c)
        world.call(court, "any_of", a, b, c)
        world.call(court, "mixed", a, b, c)
    world.get(zero, "asked")
