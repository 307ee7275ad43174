"""A coroutine that is kept may be closed, or thrown into, before it is awaited; it has then run."""
import stateflow


@stateflow.entity
class Box:
    def __init__(self, name):
        self.name, self.n = name, 0

    def __key__(self):
        return self.name

    async def add(self, k):
        self.n += k
        return self.n


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    async def later(self, box, k):
        return await box.add(k)

    async def closed(self, box):
        kept, other = self.later(box, 1), box.add(2)
        found = [await box.add(10)]
        kept.close()
        kept.close()
        for coroutine in (kept, other):
            try:
                found.append(await coroutine)
            except RuntimeError as error:
                found.append(str(error))
        other.close()
        return found, box.n

    async def thrown(self, box):
        kept = self.later(box, 1)
        found = []
        for error in (ValueError(3), KeyError("x")):
            try:
                kept.throw(error)
            except (ValueError, RuntimeError) as caught:
                found.append(repr(caught))
        return found, box.n


def script(world):
    box = world.create(Box, "b")
    runner = world.create(Runner, "r")
    world.call(runner, "closed", box)
    world.call(runner, "thrown", box)
