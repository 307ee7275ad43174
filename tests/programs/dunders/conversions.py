"""int, float, bool, abs, round, divmod and index use on a remote entity its conversion dunders."""

import stateflow


@stateflow.entity
class Dial:
    def __init__(self, name, at):
        self.name, self.at = name, at

    def __key__(self):
        return self.name

    def __int__(self):
        return int(self.at)

    def __float__(self):
        return float(self.at)

    def __abs__(self):
        return abs(self.at)

    def __round__(self, digits=None):
        return round(self.at, digits)

    def __index__(self):
        return 2

    def __bool__(self):
        return self.at > 0


@stateflow.entity
class Technician:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def read(self, dial):
        return int(dial), float(dial), abs(dial), round(dial), round(dial, 1), bool(dial), "abcd"[dial], list(range(dial))


def script(world):
    technician = world.create(Technician, "t")
    world.call(technician, "read", world.create(Dial, "a", -3.14159))
    world.call(technician, "read", world.create(Dial, "b", 2.71828))
