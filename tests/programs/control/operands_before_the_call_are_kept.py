"""An operand read before a remote call that changes it keeps its old value; one read after sees the new value."""

import stateflow


@stateflow.entity
class Meter:
    def __init__(self, name):
        self.name = name
        self.peer = None

    def __key__(self):
        return self.name

    def bump(self, owner):
        owner.raise_by(10)
        return 1


@stateflow.entity
class House:
    def __init__(self, address):
        self.address = address
        self.units = 1

    def __key__(self):
        return self.address

    def raise_by(self, amount):
        self.units += amount

    def sums(self, meter):
        before = self.units + meter.bump(self) * self.units
        after = [self.units, meter.bump(self), self.units]
        pair = self.units, -self.units + meter.bump(self)
        return before, after, pair, {self.units: meter.bump(self), "then": self.units}


def script(world):
    meter = world.create(Meter, "m")
    house = world.create(House, "h")
    world.call(house, "sums", meter)
    world.call(house, "sums", meter)
    world.state(house)
