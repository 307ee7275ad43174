"""An entity with __slots__ is read, written and undone like any other."""

import stateflow

EXPECTED_ERRORS = ("AttributeError",)


@stateflow.entity
class Point:
    __slots__ = ("label", "x", "y")

    def __init__(self, label):
        self.label, self.x = label, 1

    def __key__(self):
        return self.label

    def move(self, dx):
        self.x += dx
        return self.x


@stateflow.entity
class Plotter:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def plot(self, point):
        point.x = point.move(4) * 2
        point.y = 7
        return point.x, point.y

    def spoil(self, point):
        point.x = 99
        point.colour = "red"


def script(world):
    point = world.create(Point, "p")
    plotter = world.create(Plotter, "x")
    world.call(plotter, "plot", point)
    world.call(plotter, "spoil", point)
    world.state(point)
