"""Async methods await async methods of others, sync ones in between, with try/finally around the await."""

import stateflow


@stateflow.entity
class Depot:
    def __init__(self, name, stock):
        self.name, self.stock, self.log = name, stock, []

    def __key__(self):
        return self.name

    async def take(self, n):
        self.log.append(n)
        if n > self.stock:
            raise ValueError("short", n - self.stock)
        self.stock -= n
        return n


@stateflow.entity
class Route:
    def __init__(self, name, depot):
        self.name, self.depot, self.trips = name, depot, 0

    def __key__(self):
        return self.name

    async def ship(self, n):
        try:
            return [self.name, await self.depot.take(n)]
        finally:
            self.trips += 1

    def count(self):
        return self.trips


@stateflow.entity
class Planner:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    async def plan(self, route, amounts):
        shipped = []
        for amount in amounts:
            try:
                shipped.append(await route.ship(amount))
            except ValueError as error:
                shipped.append((error.args, route.count()))
        return shipped


def script(world):
    depot = world.create(Depot, "d", 10)
    route = world.create(Route, "r", depot)
    planner = world.create(Planner, "p")
    world.call(planner, "plan", route, [4, 7, 6, 1])
    world.state(depot)
