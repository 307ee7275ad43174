"""An async method of another entity may be called before the entity exists: only what awaits it needs the entity."""
import asyncio

import stateflow

EXPECTED_ERRORS = ("EntityNotFound",)


@stateflow.entity
class Box:
    def __init__(self, name, n):
        self.name, self.n = name, n

    def __key__(self):
        return self.name

    async def soon(self, k):
        self.n += k
        print(self.name, "soon", k)
        return self.n


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    async def first_the_others(self, gone, box):
        stateflow.delete(gone)
        return await asyncio.gather(box.soon(1), gone.soon(await box.soon(2)), box.soon(3))

    async def later(self, key, box):
        waiting = Box.by_key(key).soon(await box.soon(4))
        made = Box(key, 7)
        return await waiting, made.n

    async def of_the_class(self, key, box):
        waiting = Box.soon(Box.by_key(key), await box.soon(5))
        try:
            return await waiting
        except LookupError as error:
            return error.args


def script(world):
    gone = world.create(Box, "a", 3)
    box = world.create(Box, "b", 3)
    runner = world.create(Runner, "r")
    world.call(runner, "first_the_others", gone, box)
    world.call(runner, "later", "new", box)
    world.call(runner, "of_the_class", "none", box)
    world.call(runner, "of_the_class", "a", box)
