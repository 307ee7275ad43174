"""An exception in a remote call inside a comprehension leaves it half done; its effects so far stay when it is caught."""

import stateflow


@stateflow.entity
class Fuse:
    def __init__(self, number, good):
        self.number, self.good, self.tests = number, good, 0

    def __key__(self):
        return self.number

    def test(self):
        self.tests += 1
        if not self.good:
            raise RuntimeError("blown", self.number)
        return self.number


@stateflow.entity
class Electrician:
    def __init__(self, name):
        self.name, self.tested = name, []

    def __key__(self):
        return self.name

    def check(self, fuses):
        try:
            self.tested = [fuse.test() for fuse in fuses]
        except RuntimeError as error:
            return error.args, self.tested, [fuse.tests for fuse in fuses]
        return self.tested


def script(world):
    fuses = [world.create(Fuse, 1, True), world.create(Fuse, 2, False), world.create(Fuse, 3, True)]
    electrician = world.create(Electrician, "e")
    world.call(electrician, "check", fuses[::2])
    world.call(electrician, "check", fuses)
    world.state(electrician)
