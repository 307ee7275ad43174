"""A generator expression kept in a variable runs lazily: effects happen where it is consumed."""

import stateflow


@stateflow.entity
class Pump:
    def __init__(self, tag):
        self.tag, self.strokes = tag, 0

    def __key__(self):
        return self.tag

    def stroke(self):
        self.strokes += 1
        print("stroke", self.strokes)
        return self.strokes


@stateflow.entity
class Engine:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def run(self, pump):
        strokes = (pump.stroke() for _ in range(4))
        print("made")
        first = next(strokes)
        print("between")
        pump.stroke()
        rest = list(strokes)
        return first, rest, list(strokes)


def script(world):
    pump = world.create(Pump, "p")
    engine = world.create(Engine, "e")
    world.call(engine, "run", pump)
