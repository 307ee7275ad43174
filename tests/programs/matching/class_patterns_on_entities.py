"""Class patterns match entities by class, also by base class, and read their attributes remotely."""

import stateflow


@stateflow.entity
class Shape:
    __match_args__ = ("name",)

    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name


@stateflow.entity
class Circle(Shape):
    __match_args__ = ("name", "radius")

    def __init__(self, name, radius):
        super().__init__(name)
        self.radius = radius


@stateflow.entity
class Box(Shape):
    def __init__(self, name, sides):
        super().__init__(name)
        self.sides = sides

    @property
    def is_cube(self):
        print("cube?", self.name)
        return len(set(self.sides)) == 1


@stateflow.entity
class Measurer:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def measure(self, thing):
        match thing:
            case Circle(radius=0):
                return "point"
            case Circle(name, radius):
                return name, radius * 2
            case Box(is_cube=True, sides=[side, *_]):
                return "cube", side
            case Box("big" | "huge", sides=sides):
                return sides
            case Shape(name) if name.startswith("x"):
                return "unknown shape"
            case Shape():
                return "shape"
        return "no shape"


def script(world):
    measurer = world.create(Measurer, "m")
    things = [world.create(Circle, "c", 3), world.create(Circle, "p", 0), world.create(Box, "b", [2, 2, 2])]
    things += [world.create(Box, "big", [1, 2]), world.create(Box, "x1", [1, 2]), world.create(Shape, "s"), 5]
    for thing in things:
        world.call(measurer, "measure", thing)
