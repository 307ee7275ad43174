"""`is`, `==`, `in` and use as dict key hold for two ways to reach one entity, also after a suspension."""

import stateflow


@stateflow.entity
class City:
    def __init__(self, name):
        self.name = name
        self.twin = None

    def __key__(self):
        return self.name

    def pair_with(self, other):
        self.twin = other
        return self


@stateflow.entity
class Atlas:
    def __init__(self, year):
        self.year = year
        self.visits = {}

    def __key__(self):
        return self.year

    def compare(self, a, b):
        same = a.pair_with(b)
        twin = a.twin
        self.visits[a] = self.visits.get(a, 0) + 1
        self.visits[same] += 10
        return same is a, twin is b, a == b, a != b, same == a, same in [b, a], {a: 1}.get(same), a is not twin

    def me(self, city):
        city.twin = self
        return city.twin is self, city.twin == self, self in [city.twin]


def script(world):
    delft, leiden = world.create(City, "delft"), world.create(City, "leiden")
    atlas = world.create(Atlas, 2024)
    world.call(atlas, "compare", delft, leiden)
    world.call(atlas, "compare", delft, delft)
    world.call(atlas, "me", leiden)
    world.state(atlas)
