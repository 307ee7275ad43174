"""A call on self shares its arguments and result with the caller, also through super and another name for self."""

import stateflow


@stateflow.entity
class Echo:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def same(self, x):
        return x


@stateflow.entity
class Box:
    def __init__(self, name):
        self.name, self.content = name, []

    def __key__(self):
        return self.name

    def fill(self, target):
        target.append(1)
        return target

    def run(self, echo):
        local = []
        me = self
        a = self.fill(local)
        echo.name
        b = me.fill(self.content)
        c = echo.same(local)
        c.append("copy")
        return a is local, b is self.content, c is local, local, c


def script(world):
    echo = world.create(Echo, "e")
    box = world.create(Box, "b")
    world.call(box, "run", echo)
    world.state(box)
