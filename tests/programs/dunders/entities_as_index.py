"""An entity with __index__ stands in subscripts and slices of lists and strings."""

import stateflow


@stateflow.entity
class Thing:
    def __init__(self, name, n):
        self.name, self.n, self.log = name, n, []

    def __key__(self):
        return self.name

    def __int__(self):
        return self.n

    def __float__(self):
        return self.n / 2

    def __index__(self):
        return self.n

    def __complex__(self):
        return complex(self.n)

    def __abs__(self):
        return -self.n

    def __round__(self, k=None):
        return (self.n, k)

    def __trunc__(self):
        return 1

    def __floor__(self):
        return 2

    def __ceil__(self):
        return 3


@stateflow.entity
class User:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def read(self, a, b, xs):
        ys = [1, 2, 3, 4, 5]
        return ys[b], ys[:b], ys[a:b], ys[a : b : b], "abcdef"[b], (1, 2, 3)[a:b], list(range(b))

    def written(self, a, b, xs):
        ys = [1, 2, 3, 4, 5]
        ys[b] = 9
        ys[:b] = []
        del ys[a]
        del ys[a:b]
        return ys


def script(world):
    a, b = world.create(Thing, "a", 0), world.create(Thing, "b", 3)
    user = world.create(User, "u")
    for method in ["read", "written"]:
        world.call(user, method, a, b, [a, b, a])
    world.state(a)
    world.state(b)
