"""A method of self and a local function are passed to a module function, which calls them among remote calls."""

import stateflow


def each(items, action, probe):
    results = []
    for item in items:
        if probe.check(item):
            results.append(action(item))
    return results


@stateflow.entity
class Probe:
    def __init__(self, name):
        self.name, self.checks = name, 0

    def __key__(self):
        return self.name

    def check(self, item):
        self.checks += 1
        return item != "bad"


@stateflow.entity
class Line:
    def __init__(self, name):
        self.name, self.made = name, []

    def __key__(self):
        return self.name

    def make(self, item):
        self.made.append(item)
        return item.upper()

    def run(self, probe, items):
        def count_and_make(item):
            return probe.checks, self.make(item)

        return each(items, self.make, probe), each(items, count_and_make, probe)


def script(world):
    probe = world.create(Probe, "p")
    line = world.create(Line, "l")
    world.call(line, "run", probe, ["x", "bad", "y"])
    world.state(line)
