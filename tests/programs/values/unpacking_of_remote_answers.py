"""Tuple, list, nested and starred targets take a remote answer apart; a wrong length is ValueError after the call's effects."""

import stateflow


@stateflow.entity
class Box:
    def __init__(self, name):
        self.name, self.opened = name, 0

    def __key__(self):
        return self.name

    def open(self, n):
        self.opened += 1
        return [(i, str(i)) for i in range(n)]


@stateflow.entity
class Mover:
    def __init__(self, name):
        self.name, self.first = name, None

    def __key__(self):
        return self.name

    def unpack(self, box):
        (a, b), (c, d) = box.open(2)
        self.first, *rest = box.open(3)
        *_, (x, y) = box.open(4)
        [p, [q, r]] = box.open(1)[0][0], box.open(2)
        try:
            one, two = box.open(3)
        except ValueError as error:
            text = str(error)
        i, j = j, i = box.open(2)
        return a, b, c, d, rest, x, y, p, q, r, text, i, j


def script(world):
    box = world.create(Box, "b")
    mover = world.create(Mover, "m")
    world.call(mover, "unpack", box)
    world.state(mover)
    world.get(box, "opened")
