"""Slices with remote bounds are assigned and deleted in place."""

import stateflow


@stateflow.entity
class Cutter:
    def __init__(self, name, at):
        self.name, self.at = name, at

    def __key__(self):
        return self.name

    def point(self):
        self.at += 1
        return self.at

    def filler(self, n):
        return list("xyz")[:n]


@stateflow.entity
class Tape:
    def __init__(self, label):
        self.label = label
        self.frames = list(range(10))

    def __key__(self):
        return self.label

    def edit(self, cutter):
        same = self.frames
        self.frames[cutter.point() : cutter.point() + 2] = cutter.filler(cutter.point() - 1)
        del self.frames[cutter.point()]
        del same[: cutter.at - 3]
        same[cutter.at - 4] = cutter.filler(1)
        return same is self.frames, same


def script(world):
    cutter = world.create(Cutter, "c", 0)
    tape = world.create(Tape, "t")
    world.call(tape, "edit", cutter)
    world.state(tape)
    world.get(cutter, "at")
