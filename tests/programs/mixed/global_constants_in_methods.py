"""Module constants of several kinds, one computed from another, are read before and after suspensions."""

import math

import stateflow

BASE = 7
TABLE = {"small": BASE, "large": BASE * 10}
NAMES = tuple(sorted(TABLE))


def scale(kind, by=TABLE["small"]):
    return TABLE[kind] * by


@stateflow.entity
class Mill:
    def __init__(self, name):
        self.name, self.runs = name, 0

    def __key__(self):
        return self.name

    def run(self, kind):
        self.runs += 1
        return scale(kind) + self.runs


@stateflow.entity
class Owner:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def operate(self, mill):
        results = [(kind, mill.run(kind), TABLE[kind], scale(kind, by=1)) for kind in NAMES]
        ratio = mill.run(NAMES[0]) / BASE
        return results, math.floor(ratio), math.pi > 3, len(NAMES) == mill.runs - 1


def script(world):
    mill = world.create(Mill, "m")
    owner = world.create(Owner, "o")
    world.call(owner, "operate", mill)
    world.get(mill, "runs")
