"""Iterators made by enumerate, zip, reversed and a stepped range survive suspensions in the middle."""

import stateflow


@stateflow.entity
class Horn:
    def __init__(self, pitch):
        self.pitch = pitch
        self.blown = []

    def __key__(self):
        return self.pitch

    def blow(self, *what):
        self.blown.append(what)
        return len(self.blown)


@stateflow.entity
class Band:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def play(self, horn, tunes):
        log = []
        for number, tune in enumerate(tunes, start=5):
            log.append((number, horn.blow(tune)))
        for first, second in zip(tunes, reversed(tunes)):
            log.append(horn.blow(first, second))
        for step in range(10, 0, -4):
            log.append(horn.blow(step) + step)
        for index, (tune, times) in enumerate(zip(tunes, [2, 1], strict=False)):
            log.append(horn.blow(tune * times, index))
        return log


def script(world):
    horn = world.create(Horn, "bb")
    band = world.create(Band, "b")
    world.call(band, "play", horn, ["a", "b", "c"])
    world.state(horn)
