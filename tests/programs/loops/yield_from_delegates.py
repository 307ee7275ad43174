"""A generator that delegates by `yield from` to another one and to a remote list is consumed in order."""

import stateflow


@stateflow.entity
class Choir:
    def __init__(self, name, voices):
        self.name, self.voices = name, voices

    def __key__(self):
        return self.name

    def singers(self):
        print("roll call", self.name)
        return self.voices


@stateflow.entity
class Conductor:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def everyone(self, choirs):
        for choir in choirs:
            count = yield from self.section(choir)
            yield count

    def section(self, choir):
        yield choir.name
        yield from choir.singers()
        return len(choir.voices)

    def rehearse(self, choirs):
        return list(self.everyone(choirs)), sum(1 for _ in self.everyone(choirs))


def script(world):
    choirs = [world.create(Choir, "men", ["bas"]), world.create(Choir, "kids", ["a", "b"])]
    conductor = world.create(Conductor, "c")
    world.call(conductor, "rehearse", choirs)
    world.call(conductor, "rehearse", [])
