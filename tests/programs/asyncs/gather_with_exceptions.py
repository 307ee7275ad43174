"""gather raises the first exception, and with return_exceptions gives it in its place."""

import asyncio

import stateflow


@stateflow.entity
class Source:
    def __init__(self, name, good):
        self.name, self.good, self.pulls = name, good, 0

    def __key__(self):
        return self.name

    async def pull(self, n):
        self.pulls += n
        if not self.good:
            raise LookupError(self.name)
        return self.pulls


@stateflow.entity
class Merger:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    async def merge(self, sources):
        results = await asyncio.gather(*(s.pull(1) for s in sources), return_exceptions=True)
        shown = [r if isinstance(r, int) else (type(r).__name__, r.args) for r in results]
        try:
            await asyncio.gather(*[s.pull(10) for s in sources])
        except LookupError as error:
            shown.append(error.args[0])
        return shown


def script(world):
    sources = [world.create(Source, n, n != "b") for n in "abc"]
    merger = world.create(Merger, "m")
    world.call(merger, "merge", sources)
    world.call(merger, "merge", sources[::2])
