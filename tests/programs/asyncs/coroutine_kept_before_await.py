"""A coroutine object made first and awaited later runs its body at the await."""

import stateflow


@stateflow.entity
class Bell:
    def __init__(self, name):
        self.name, self.rings = name, 0

    def __key__(self):
        return self.name

    async def ring(self, n):
        print("ring", n)
        self.rings += n
        return self.rings


@stateflow.entity
class Butler:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    async def serve(self, bell):
        later = bell.ring(1)
        print("made")
        now = await bell.ring(10)
        first = await later
        jobs = [bell.ring(n) for n in (2, 3)]
        print("two more")
        return now, first, [await job for job in reversed(jobs)]


def script(world):
    bell = world.create(Bell, "b")
    butler = world.create(Butler, "j")
    world.call(butler, "serve", bell)
    world.get(bell, "rings")
