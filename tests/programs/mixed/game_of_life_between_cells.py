"""Cells count their living neighbours in one round and switch in the next."""

import stateflow


@stateflow.entity
class Cell:
    def __init__(self, at, alive):
        self.at, self.alive, self.coming = at, alive, None

    def __key__(self):
        return self.at

    def neighbours(self, size):
        x, y = self.at
        steps = (-1, 0, 1)
        return [Cell.by_key((x + i, y + j)) for i in steps for j in steps if (i or j) and 0 <= x + i < size and 0 <= y + j < size]

    def look(self, size):
        count = sum(cell.alive for cell in self.neighbours(size))
        self.coming = count == 3 or (self.alive and count == 2)

    def switch(self):
        self.alive, self.coming = self.coming, None
        return "#" if self.alive else "."


@stateflow.entity
class World:
    def __init__(self, name, picture):
        self.name, self.size = name, len(picture)
        self.cells = [[Cell((x, y), mark == "#") for x, mark in enumerate(row)] for y, row in enumerate(picture)]

    def __key__(self):
        return self.name

    def step(self):
        for row in self.cells:
            for cell in row:
                cell.look(self.size)
        return ["".join(cell.switch() for cell in row) for row in self.cells]


def script(world):
    life = world.create(World, "w", ["...", "###", "..."])
    world.call(life, "step")
    world.call(life, "step")
