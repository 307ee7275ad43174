"""A loop variable keeps its last value after the loop, and is unbound when there was no round."""

import stateflow

EXPECTED_ERRORS = ("UnboundLocalError",)


@stateflow.entity
class Counter:
    def __init__(self, name):
        self.name, self.value = name, 0

    def __key__(self):
        return self.name

    def add(self, n):
        self.value += n
        return self.value


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def run(self, counter, numbers):
        for number in numbers:
            counter.add(number)
        return number, counter.add(number)


def script(world):
    counter = world.create(Counter, "c")
    runner = world.create(Runner, "r")
    world.call(runner, "run", counter, [1, 2])
    world.call(runner, "run", counter, [])
    world.get(counter, "value")
