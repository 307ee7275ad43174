"""Defaults of nested functions and lambdas await another entity where the function is made."""
import asyncio

import stateflow


@stateflow.entity
class Box:
    def __init__(self, name, n):
        self.name, self.n = name, n

    def __key__(self):
        return self.name

    async def soon(self, k):
        self.n += k
        return self.n


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    async def run(self, box, xs):
        def add(q, *, extra=sum(await asyncio.gather(box.soon(1), box.soon(2)))):
            return q + extra

        later = lambda q, r=sum([await box.soon(x) for x in xs]): q + r
        return add(1), later(2)


def script(world):
    box = world.create(Box, "a", 3)
    runner = world.create(Runner, "r")
    world.call(runner, "run", box, [4, 5])
