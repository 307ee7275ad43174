"""A chained comparison evaluates each remote operand once and stops at the first false link."""

from typing import Any

import stateflow


@stateflow.entity
class Gauge:
    def __init__(self, label, value):
        self.label = label
        self.value = value
        self.reads = 0

    def __key__(self):
        return self.label

    def read(self):
        self.reads += 1
        print("read", self.label)
        return self.value


@stateflow.entity
class Alarm:
    def __init__(self, zone):
        self.zone = zone

    def __key__(self):
        return self.zone

    def in_range(self, low: Any, middle: Any, high: Any) -> bool:
        return low.read() <= middle.read() < high.read()

    def strictly_rising(self, gauges):
        return gauges[0].value < gauges[1].read() < gauges[2].value != gauges[3].read()


def script(world):
    g = [world.create(Gauge, f"g{i}", i * 10) for i in range(4)]
    alarm = world.create(Alarm, "north")
    world.call(alarm, "in_range", g[0], g[1], g[2])
    world.call(alarm, "in_range", g[3], g[1], g[2])
    world.call(alarm, "in_range", g[1], g[1], g[1])
    world.call(alarm, "strictly_rising", g)
    world.call(alarm, "strictly_rising", g[::-1])
    world.get(g[1], "reads")
