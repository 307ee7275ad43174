"""A generator expression in the default of a lambda may reach an entity, and a walrus there binds the method's variable."""

import stateflow


@stateflow.entity
class Lamp:
    def __init__(self, name, watts):
        self.name, self.watts = name, watts

    def __key__(self):
        return self.name


@stateflow.entity
class House:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def read(self, lamp, limits):
        best = 0
        total = (lambda q, r=2 if any(lamp.watts > m for m in limits) else 3: q + r + lamp.watts)(4)
        again = (lambda q, r=(best := lamp.watts + 1): q + r + best)(1)
        return total, again, best


def script(world):
    lamp = world.create(Lamp, "l", 40)
    house = world.create(House, "h")
    world.call(house, "read", lamp, [10, 50])
    world.call(house, "read", lamp, [])
