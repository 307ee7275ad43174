"""Async methods of self and async nested functions are awaited and gathered; they share the enclosing variables."""

import asyncio

import stateflow


@stateflow.entity
class Api:
    def __init__(self, name):
        self.name, self.hits = name, 0

    def __key__(self):
        return self.name

    async def get(self, path):
        self.hits += 1
        return f"{path}#{self.hits}"


@stateflow.entity
class Site:
    def __init__(self, name):
        self.name, self.cache = name, {}

    def __key__(self):
        return self.name

    async def fetch(self, api, path):
        if path not in self.cache:
            self.cache[path] = await api.get(path)
        return self.cache[path]

    async def render(self, api, paths):
        seen = []

        async def one(path):
            text = await self.fetch(api, path)
            seen.append(text)
            return len(seen)

        counts = [await one(path) for path in paths]
        both = await asyncio.gather(one("x"), one(paths[0]))
        return counts, both, seen


def script(world):
    api = world.create(Api, "a")
    site = world.create(Site, "s")
    world.call(site, "render", api, ["p", "q", "p"])
    world.state(site)
