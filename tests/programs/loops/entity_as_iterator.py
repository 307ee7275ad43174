"""An entity that is its own iterator keeps its position between loops and between methods."""

import stateflow


@stateflow.entity
class Dispenser:
    def __init__(self, name, limit):
        self.name, self.limit, self.at = name, limit, 0

    def __key__(self):
        return self.name

    def __iter__(self):
        return self

    def __next__(self):
        if self.at >= self.limit:
            raise StopIteration
        self.at += 1
        return self.at


@stateflow.entity
class Patient:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def take(self, dispenser, count):
        pills = []
        for pill in dispenser:
            pills.append(pill)
            if len(pills) == count:
                break
        pills.append(next(dispenser, None))
        return pills


def script(world):
    dispenser = world.create(Dispenser, "d", 5)
    patient = world.create(Patient, "p")
    world.call(patient, "take", dispenser, 2)
    world.call(patient, "take", dispenser, 9)
    world.get(dispenser, "at")
