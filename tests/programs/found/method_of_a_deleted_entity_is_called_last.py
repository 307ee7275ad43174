"""The arguments of a call are evaluated, with their effects, before it turns out that the entity was deleted."""
import stateflow

EXPECTED_ERRORS = ("EntityNotFound",)


@stateflow.entity
class Box:
    def __init__(self, name, n):
        self.name, self.n = name, n

    def __key__(self):
        return self.name

    def add(self, k):
        self.n += k
        print(self.name, "add", k)
        return self.n


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def run(self, gone, box):
        stateflow.delete(gone)
        later = gone.add
        return later(gone.add(box.add(2)))


def script(world):
    gone = world.create(Box, "a", 3)
    box = world.create(Box, "b", 3)
    runner = world.create(Runner, "r")
    world.call(runner, "run", gone, box)
