"""Nested branches on remote state change that state between the tests; each test sees the newest value."""

import stateflow


@stateflow.entity
class Valve:
    def __init__(self, tag, pressure):
        self.tag = tag
        self.pressure = pressure

    def __key__(self):
        return self.tag

    def adjust(self, delta):
        self.pressure += delta


@stateflow.entity
class Plant:
    def __init__(self, site):
        self.site = site
        self.actions = []

    def __key__(self):
        return self.site

    def stabilise(self, valve, target):
        if valve.pressure > target:
            valve.adjust(-5)
            self.actions.append("down")
            if valve.pressure > target:
                valve.adjust(-20)
                self.actions.append("dump")
            elif valve.pressure == target:
                self.actions.append("exact")
            else:
                valve.adjust(1)
        else:
            if not valve.pressure:
                self.actions.append("dead")
                return None
            valve.adjust(5)
        return valve.pressure


def script(world):
    plant = world.create(Plant, "p")
    for tag, pressure in (("a", 50), ("b", 15), ("c", 12), ("d", 0), ("e", 3)):
        world.call(plant, "stabilise", world.create(Valve, tag, pressure), 10)
    world.state(plant)
