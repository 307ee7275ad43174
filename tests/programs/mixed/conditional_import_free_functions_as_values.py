"""Builtin functions and module functions held in a table are applied to remote answers."""

import stateflow


def double(x):
    return x + x


OPERATIONS = {"len": len, "str": str, "double": double, "sorted": sorted}


@stateflow.entity
class Data:
    def __init__(self, name, values):
        self.name, self.values = name, values

    def __key__(self):
        return self.name

    def load(self):
        return self.values


@stateflow.entity
class Pipeline:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def run(self, data, steps):
        value = data.load()
        for step in steps:
            value = OPERATIONS[step](value)
            if value == data.load():
                value = ["same"]
        return value


def script(world):
    data = world.create(Data, "d", [3, 1, 2])
    pipeline = world.create(Pipeline, "p")
    for steps in (["sorted", "double"], ["double", "len", "str"], ["len", "double"], []):
        world.call(pipeline, "run", data, steps)
