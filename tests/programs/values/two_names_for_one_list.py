"""Two local names for one list stay one list over a call: a change by one name is seen by the other, before and after."""

import stateflow


@stateflow.entity
class Clock:
    def __init__(self, name):
        self.name, self.now = name, 0

    def __key__(self):
        return self.name

    def tick(self):
        self.now += 1
        return self.now


@stateflow.entity
class Recorder:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def record(self, clock):
        first = []
        second = first
        first.append(clock.tick())
        second.append(clock.tick())
        third = list(first)
        third.append(clock.tick())
        first += [clock.tick()]
        first = first + [clock.tick()]
        return first, second, third, first is second


def script(world):
    clock = world.create(Clock, "c")
    recorder = world.create(Recorder, "r")
    world.call(recorder, "record", clock)
    world.call(recorder, "record", clock)
