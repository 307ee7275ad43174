"""A starred argument is taken apart when its turn comes: what a later argument appends is not passed."""
import stateflow


@stateflow.entity
class Bell:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def ring(self, owner):
        owner.add("rung")
        return "ring"

    def collect(self, *parts, last=None):
        return list(parts), last


@stateflow.entity
class House:
    def __init__(self, address):
        self.address = address
        self.parts = ["a"]

    def __key__(self):
        return self.address

    def add(self, part):
        self.parts.append(part)

    def remote_call(self, bell):
        return bell.collect(*self.parts, bell.ring(self), *self.parts, last=bell.ring(self))

    def native_call(self, bell):
        return max(*map(len, self.parts), len(bell.ring(self)))

    def displays(self, bell):
        return [*self.parts, bell.ring(self), *self.parts], (*self.parts, bell.ring(self))


def script(world):
    bell = world.create(Bell, "b")
    house = world.create(House, "h")
    world.call(house, "remote_call", bell)
    world.call(house, "native_call", bell)
    world.call(house, "displays", bell)
    world.state(house)
