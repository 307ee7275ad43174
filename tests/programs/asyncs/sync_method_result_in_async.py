"""An async method mixes plain remote calls, properties and awaits in one expression, left to right."""

import stateflow


@stateflow.entity
class Tank:
    def __init__(self, name, level):
        self.name, self.level = name, level

    def __key__(self):
        return self.name

    @property
    def percent(self):
        print("percent", self.name)
        return self.level * 10

    def drain(self, n):
        self.level -= n
        return self.level

    async def fill(self, n):
        self.level += n
        return self.level


@stateflow.entity
class Plant:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    async def balance(self, a, b):
        result = (a.drain(1), await b.fill(1), a.percent, [b.percent, await a.fill(2)], a.level)
        moved = await b.fill(a.drain(await b.fill(1) - 6))
        return result, moved, f"{await a.fill(0)}/{b.level}"


def script(world):
    a, b = world.create(Tank, "a", 5), world.create(Tank, "b", 5)
    plant = world.create(Plant, "p")
    world.call(plant, "balance", a, b)
    world.state(a)
    world.state(b)
