"""A calls B, B calls C, C calls back A, which calls B again; every level keeps its own locals."""

import stateflow


@stateflow.entity
class Person:
    def __init__(self, name):
        self.name, self.friend, self.heard = name, None, []

    def __key__(self):
        return self.name

    def befriend(self, friend):
        self.friend = friend

    def whisper(self, text, depth):
        mine = f"{text}{self.name}"
        self.heard.append(mine)
        if depth == 0:
            return [mine]
        back = self.friend.whisper(mine, depth - 1)
        back.append((self.name, depth, mine, len(self.heard)))
        return back


def script(world):
    a, b, c = (world.create(Person, n) for n in "abc")
    for one, other in ((a, b), (b, c), (c, a)):
        world.call(one, "befriend", other)
    world.call(a, "whisper", ">", 5)
    world.state(a)
    world.state(c)
