"""Comparisons of entities by <, <=, ==, alone and chained."""


import stateflow


@stateflow.entity
class Task:
    def __init__(self, name, priority):
        self.name, self.priority = name, priority

    def __key__(self):
        return self.name

    def __lt__(self, other):
        print("lt", self.name, other.name)
        return self.priority < other.priority

    def __le__(self, other):
        return self.priority <= other.priority


@stateflow.entity
class Scheduler:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def compare(self, a, b, c):
        return a < b, b > a, a <= c, c >= b, a < b < c

    def next_of(self, a, b):
        return (a if a < b else b).name


def script(world):
    a, b, c = (world.create(Task, n, p) for n, p in (("a", 3), ("b", 1), ("c", 2)))
    scheduler = world.create(Scheduler, "s")
    world.call(scheduler, "compare", a, b, c)
    world.call(scheduler, "next_of", a, b)
    world.call(scheduler, "compare", b, c, a)
