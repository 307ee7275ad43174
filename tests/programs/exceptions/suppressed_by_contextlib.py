"""contextlib.suppress around a remote call swallows its exception and goes on after the block."""

from contextlib import suppress

import stateflow


@stateflow.entity
class Cache:
    def __init__(self, name):
        self.name, self.entries, self.misses = name, {"a": 1}, 0

    def __key__(self):
        return self.name

    def fetch(self, key):
        if key not in self.entries:
            self.misses += 1
            raise KeyError(key)
        return self.entries[key]


@stateflow.entity
class Page:
    def __init__(self, url):
        self.url = url

    def __key__(self):
        return self.url

    def render(self, cache, keys):
        found = []
        for key in keys:
            with suppress(KeyError, IndexError):
                found.append(cache.fetch(key))
                found.append(key)
        return found, cache.misses


def script(world):
    cache = world.create(Cache, "c")
    page = world.create(Page, "/")
    world.call(page, "render", cache, ["b", "a", "c", "a"])
    world.state(cache)
