"""extend, update, fromkeys and += iterate over an entity; dict asks for its keys."""

import stateflow


@stateflow.entity
class Thing:
    def __init__(self, name, n):
        self.name, self.n, self.log = name, n, []

    def __key__(self):
        return self.name

    def __iter__(self):
        print("iter", self.name)
        return iter([self.n, self.n + 1])


@stateflow.entity
class User:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def lists(self, a, b, xs):
        ys = []
        ys.extend(a)
        ys += b
        return ys

    def sets(self, a, b, xs):
        s = set()
        s.update(a)
        return s, s.union(b), s.intersection(a), s.difference(b), s.issubset(a)

    def dicts(self, a, b, xs):
        return dict.fromkeys(a, 1), dict([a, b])


def script(world):
    a, b = world.create(Thing, "a", 0), world.create(Thing, "b", 3)
    user = world.create(User, "u")
    for method in ["lists", "sets", "dicts"]:
        world.call(user, method, a, b, [a, b, a])
    world.state(a)
    world.state(b)
