"""A value whose enter and exit delegate to an entity nests with the entity as its own context manager."""


import stateflow


@stateflow.entity
class Flag:
    def __init__(self, colour):
        self.colour, self.up = colour, False

    def __key__(self):
        return self.colour

    def __enter__(self):
        print("raise", self.colour)
        self.up = True
        return self

    def __exit__(self, *details):
        print("lower", self.colour)
        self.up = False


class Hoist:
    def __init__(self, flag):
        self.flag = flag

    def __enter__(self):
        return self.flag.__enter__()

    def __exit__(self, *details):
        return self.flag.__exit__(None, None, None)


@stateflow.entity
class Ship:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def signal(self, flags):
        with Hoist(flags[0]) as first:
            with flags[1]:
                states = [flag.up for flag in flags]
            middle = [flag.up for flag in flags]
        return states, middle, [flag.up for flag in flags], first is flags[0]


def script(world):
    flags = [world.create(Flag, c) for c in ("red", "white")]
    ship = world.create(Ship, "s")
    world.call(ship, "signal", flags)
