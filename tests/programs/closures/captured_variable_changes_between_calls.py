"""A closure sees the newest value of a variable that the method rebinds after a suspension."""

import stateflow


@stateflow.entity
class Wall:
    def __init__(self, name):
        self.name, self.layers = name, []

    def __key__(self):
        return self.name

    def paint(self, colour):
        self.layers.append(colour)
        return len(self.layers)


@stateflow.entity
class Painter:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def work(self, wall):
        colour = "white"
        paint = lambda: wall.paint(colour)
        paint()
        colour = "red"
        count = paint()
        for colour in ("blue", "green"):
            paint()
        if count == 2:
            wall = None
        try:
            paint()
        except AttributeError as error:
            return count, colour, str(error)


def script(world):
    wall = world.create(Wall, "w")
    painter = world.create(Painter, "p")
    world.call(painter, "work", wall)
    world.state(wall)
