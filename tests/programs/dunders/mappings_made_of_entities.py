"""dict and dict.update ask an entity with `keys` for its items."""

import stateflow


@stateflow.entity
class Thing:
    def __init__(self, name, n):
        self.name, self.n, self.log = name, n, []

    def __key__(self):
        return self.name

    def keys(self):
        print("keys", self.name)
        return ["x", "y"]

    def __getitem__(self, k):
        print("get", k)
        return self.n


@stateflow.entity
class User:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def made(self, a, b, xs):
        return dict(a), dict(b, z=1)

    def updated(self, a, b, xs):
        d = {"x": 9}
        d.update(b)
        d.update(a, w=2)
        return d


def script(world):
    a, b = world.create(Thing, "a", 0), world.create(Thing, "b", 3)
    user = world.create(User, "u")
    for method in ["made", "updated"]:
        world.call(user, method, a, b, [a, b, a])
    world.state(a)
    world.state(b)
