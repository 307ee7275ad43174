"""attrgetter, itemgetter, methodcaller and callable entities are used as keys and in map."""

from operator import attrgetter, itemgetter, methodcaller

import stateflow


@stateflow.entity
class Thing:
    def __init__(self, name, n):
        self.name, self.n, self.log = name, n, []

    def __key__(self):
        return self.name

    def __call__(self, *a, **k):
        return (self.n, a, sorted(k))

    def __getitem__(self, i):
        return (self.n, i)

    def __setitem__(self, i, v):
        self.log.append((i, v))

    def __delitem__(self, i):
        self.log.append(i)


@stateflow.entity
class User:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def getters(self, a, b, xs):
        return list(map(attrgetter("n"), xs)), sorted(xs, key=attrgetter("n", "name"))[0].n, list(map(itemgetter(1), xs))

    def held(self, a, b, xs):
        key = attrgetter("name")
        return [key(x) for x in xs], max(xs, key=key).name, methodcaller("__key__") is None

    def callables(self, a, b, xs):
        return list(map(a, [1, 2])), sorted([3, 1], key=b), max([1, 2], key=a), sum(map(len, [a(1), b(2)]))


def script(world):
    a, b = world.create(Thing, "a", 0), world.create(Thing, "b", 3)
    user = world.create(User, "u")
    for method in ["getters", "held", "callables"]:
        world.call(user, method, a, b, [a, b, a])
    world.state(a)
    world.state(b)
