"""Awaits inside comprehensions of an async method run one after the other."""

import stateflow


@stateflow.entity
class Sensor:
    def __init__(self, tag, value):
        self.tag, self.value = tag, value

    def __key__(self):
        return self.tag

    async def read(self):
        print("read", self.tag)
        self.value += 1
        return self.value


@stateflow.entity
class Board:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    async def values(self, sensors):
        first = [await s.read() for s in sensors]
        table = {s.tag: await s.read() for s in sensors if await s.read() > 12}
        return first, table, sum([await s.read() for s in sensors])


def script(world):
    sensors = [world.create(Sensor, "a", 1), world.create(Sensor, "b", 20)]
    board = world.create(Board, "x")
    world.call(board, "values", sensors)
