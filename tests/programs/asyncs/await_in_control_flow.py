"""await of remote methods in conditions, loops, try and return of an async method."""

import stateflow


@stateflow.entity
class Oven:
    def __init__(self, name):
        self.name, self.heat = name, 0

    def __key__(self):
        return self.name

    async def warm(self, by):
        self.heat += by
        if self.heat > 50:
            raise OverflowError(self.heat)
        return self.heat


@stateflow.entity
class Baker:
    def __init__(self, name):
        self.name, self.log = name, []

    def __key__(self):
        return self.name

    async def bake(self, oven, steps):
        while (heat := await oven.warm(5)) < 20:
            self.log.append(heat)
        for step in steps:
            try:
                self.log.append(await oven.warm(step) if step % 2 == 0 else -step)
            except OverflowError as error:
                self.log.append(error.args)
                break
        else:
            return "baked", await oven.warm(1)
        return "burnt", oven.heat


def script(world):
    oven = world.create(Oven, "o")
    baker = world.create(Baker, "b")
    world.call(baker, "bake", oven, [2, 3])
    world.call(baker, "bake", oven, [20, 30])
    world.state(baker)
