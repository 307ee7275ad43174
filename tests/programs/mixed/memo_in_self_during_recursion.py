"""A memo dict of self is filled over recursive remote calls; a local alias of it sees every entry."""

import stateflow


@stateflow.entity
class Grid:
    def __init__(self, name, walls):
        self.name, self.walls, self.asked = name, walls, 0

    def __key__(self):
        return self.name

    def is_free(self, x, y):
        self.asked += 1
        return (x, y) not in self.walls


@stateflow.entity
class Counter:
    def __init__(self, name):
        self.name, self.memo = name, {}

    def __key__(self):
        return self.name

    def paths(self, grid, x, y):
        memo = self.memo
        if (x, y) in memo:
            return memo[x, y]
        if x < 0 or y < 0 or not grid.is_free(x, y):
            return 0
        if x == y == 0:
            return 1
        self.memo[x, y] = self.paths(grid, x - 1, y) + self.paths(grid, x, y - 1)
        return memo[x, y]


def script(world):
    grid = world.create(Grid, "g", {(1, 1)})
    counter = world.create(Counter, "c")
    world.call(counter, "paths", grid, 3, 2)
    world.call(counter, "paths", grid, 2, 2)
    world.state(counter)
    world.get(grid, "asked")
