"""A constant of a module that a variable holds over a suspension is still that object."""
from dataclasses import dataclass

import stateflow

NUMBERS = [1, 5]
TABLE = {"x": (2, 3)}
ORDER = ("first", "second")


@dataclass
class Setting:
    scale: int


DEFAULT = Setting(3)


@stateflow.entity
class Meter:
    def __init__(self, name):
        self.name = name
        self.reads = 0

    def __key__(self):
        return self.name

    def read(self, value):
        self.reads += 1
        return value


@stateflow.entity
class Clerk:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def held(self, meter):
        numbers, table, order, setting = NUMBERS, TABLE, ORDER, DEFAULT
        copied, empty = [*NUMBERS], ()
        meter.read(1)
        return numbers is NUMBERS, table is TABLE, order is ORDER, setting is DEFAULT, copied is NUMBERS, empty, setting.scale

    def inside(self, meter):
        pair = [NUMBERS, {"held": TABLE}]
        read = lambda: pair[0]  # noqa: E731
        meter.read(1)
        return pair[0] is NUMBERS, pair[1]["held"] is TABLE, read() is NUMBERS

    def looped(self, meter):
        found = []
        for number in NUMBERS:
            found.append(meter.read(number))
        return found, [meter.read(key) for key in TABLE]


def script(world):
    meter = world.create(Meter, "m")
    clerk = world.create(Clerk, "c")
    world.call(clerk, "held", meter)
    world.call(clerk, "inside", meter)
    world.call(clerk, "looped", meter)
