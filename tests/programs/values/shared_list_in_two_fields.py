"""Two fields that hold one list stay shared from one request to the next."""

import stateflow


@stateflow.entity
class Mirror:
    def __init__(self, name):
        self.name = name
        self.left = []
        self.right = self.left
        self.pair = (self.left, {"again": self.left})

    def __key__(self):
        return self.name

    def put(self, thing, other):
        self.left.append(thing)
        other.look()
        self.right.append(thing * 2)
        return self.left is self.right is self.pair[0] is self.pair[1]["again"], self.pair

    def split(self):
        self.right = list(self.right)


@stateflow.entity
class Watcher:
    def __init__(self, name):
        self.name, self.looks = name, 0

    def __key__(self):
        return self.name

    def look(self):
        self.looks += 1


def script(world):
    mirror = world.create(Mirror, "m")
    watcher = world.create(Watcher, "w")
    world.call(mirror, "put", 1, watcher)
    world.call(mirror, "put", 2, watcher)
    world.call(mirror, "split")
    world.call(mirror, "put", 3, watcher)
    world.state(mirror)
