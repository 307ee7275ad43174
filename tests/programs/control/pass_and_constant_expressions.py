"""Statements without effect, docstrings and remote calls as bare expressions keep their order."""

import stateflow


@stateflow.entity
class Bell:
    def __init__(self, tower):
        self.tower = tower
        self.rings = 0

    def __key__(self):
        return self.tower

    def ring(self):
        """Ring once."""
        self.rings += 1
        print("ding", self.rings)


@stateflow.entity
class Ringer:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def toll(self, bell, hours):
        """Ring once for each hour."""
        ...
        bell.ring()
        if hours > 1:
            pass
        else:
            return None
        bell.ring(), bell.ring()
        (bell.ring() if hours > 2 else None)
        [bell.ring(), 1]
        return bell.rings


def script(world):
    bell = world.create(Bell, "dom")
    ringer = world.create(Ringer, "quasi")
    for hours in (1, 2, 3):
        world.call(ringer, "toll", bell, hours)
