"""Async methods of two entities are gathered; results come in the order of the arguments."""
import asyncio

import stateflow


@stateflow.entity
class Station:
    def __init__(self, name: str, level: int):
        self.name = name
        self.level = level

    def __key__(self):
        return self.name

    async def measure(self, extra: int) -> int:
        self.level += extra
        return self.level


@stateflow.entity
class Survey:
    def __init__(self, name: str):
        self.name = name
        self.seen: list[int] = []

    def __key__(self):
        return self.name

    async def collect(self, a: Station, b: Station) -> list[int]:
        first = await a.measure(1)
        both = await asyncio.gather(a.measure(10), b.measure(20))
        self.seen.append(first)
        self.seen.extend(both)
        return both


def script(world):
    a = world.create(Station, "a", 1)
    b = world.create(Station, "b", 2)
    survey = world.create(Survey, "s")
    world.call(survey, "collect", a, b)
    world.call(survey, "collect", b, b)
    world.state(survey)
