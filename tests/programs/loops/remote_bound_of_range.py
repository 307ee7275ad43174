"""A range with remote bounds; the loop changes the remote values but not the range."""

import stateflow


@stateflow.entity
class Limits:
    def __init__(self, name):
        self.name, self.low, self.high = name, 1, 4

    def __key__(self):
        return self.name

    def widen(self):
        self.low -= 1
        self.high += 1
        return self.high


@stateflow.entity
class Scanner:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def scan(self, limits):
        return [(x, limits.widen()) for x in range(limits.low, limits.high, limits.widen() - 3)]

    def loop(self, limits):
        total = 0
        for x in range(limits.low, limits.high):
            total += x * limits.widen()
        return total


def script(world):
    limits = world.create(Limits, "l")
    scanner = world.create(Scanner, "s")
    world.call(scanner, "scan", limits)
    world.call(scanner, "loop", limits)
    world.state(limits)
