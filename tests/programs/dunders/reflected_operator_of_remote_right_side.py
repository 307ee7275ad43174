"""A value on the left and an entity on the right: the entity's reflected dunder answers."""

from dataclasses import dataclass

import stateflow


@dataclass(frozen=True)
class Metres:
    n: int

    def __mul__(self, other):
        if isinstance(other, (int, Metres)):
            return Metres(self.n * 2)
        return NotImplemented


@stateflow.entity
class Track:
    def __init__(self, name, laps):
        self.name, self.laps = name, laps

    def __key__(self):
        return self.name

    def __rmul__(self, other):
        self.laps += 1
        return other.n * self.laps

    def __rsub__(self, other):
        return other - self.laps

    def __ror__(self, other):
        return [*other, self.laps]


@stateflow.entity
class Coach:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def plan(self, track):
        return Metres(100) * track, 50 - track, [1] | track, Metres(1) * 3


def script(world):
    track = world.create(Track, "t", 3)
    coach = world.create(Coach, "c")
    world.call(coach, "plan", track)
    world.state(track)
