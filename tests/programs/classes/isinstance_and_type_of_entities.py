"""isinstance, issubclass, type() and __class__ of references answer the user's classes."""

import stateflow


@stateflow.entity
class Shape:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def area(self):
        return 0


@stateflow.entity
class Square(Shape):
    def __init__(self, name, side):
        super().__init__(name)
        self.side = side

    def area(self):
        return self.side**2


@stateflow.entity
class Painter:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def classify(self, things):
        result = []
        for thing in things:
            if isinstance(thing, Square):
                result.append(("square", thing.area(), type(thing) is Square, type(thing) is Shape))
            elif isinstance(thing, (Shape, Painter)):
                result.append((type(thing).__name__, thing.__class__ is Shape, issubclass(type(thing), Shape)))
            else:
                result.append(type(thing).__name__)
        return result, isinstance(self, Painter), type(self).__name__


def script(world):
    painter = world.create(Painter, "p")
    world.call(painter, "classify", [world.create(Shape, "x"), world.create(Square, "y", 3), painter, 5, "s", None])
    world.get(painter, "name")
