"""A loop over a local generator function whose body makes remote calls interleaves both in order."""

import stateflow


@stateflow.entity
class Mine:
    def __init__(self, name, depth):
        self.name, self.depth = name, depth

    def __key__(self):
        return self.name

    def dig(self):
        self.depth -= 1
        print("dig", self.depth)
        return self.depth


@stateflow.entity
class Miner:
    def __init__(self, name):
        self.name = name
        self.carried = []

    def __key__(self):
        return self.name

    def loads(self, mine):
        while mine.depth > 0:
            yield mine.dig()
            print("back")

    def work(self, mine):
        for load in self.loads(mine):
            print("load", load)
            self.carried.append(load)
            if load == 1:
                mine.dig()
        return self.carried


def script(world):
    mine = world.create(Mine, "m", 4)
    miner = world.create(Miner, "dwarf")
    world.call(miner, "work", mine)
    world.state(mine)
