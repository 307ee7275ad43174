"""An in-place operation on an item of a remote container reads, operates and writes in that order, once each."""

import stateflow


@stateflow.entity
class Grid:
    def __init__(self, name):
        self.name, self.cells, self.log = name, {}, []

    def __key__(self):
        return self.name

    def __getitem__(self, place):
        self.log.append(("get", place))
        return self.cells.get(place, [])

    def __setitem__(self, place, value):
        self.log.append(("set", place))
        self.cells[place] = value


@stateflow.entity
class Painter:
    def __init__(self, name):
        self.name, self.x = name, 0

    def __key__(self):
        return self.name

    def move(self):
        self.x += 1
        return self.x

    def paint(self, grid):
        grid[self.move(), self.move()] += [self.move()]
        grid[1, 2] += grid[1, 2]
        grid[1, 2].append("lost")
        return grid[1, 2]


def script(world):
    grid = world.create(Grid, "g")
    painter = world.create(Painter, "p")
    world.call(painter, "paint", grid)
    world.state(grid)
