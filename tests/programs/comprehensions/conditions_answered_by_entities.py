"""The condition of a clause may be an entity whose truth is its __bool__; nothing else there reaches it."""

import stateflow


@stateflow.entity
class Thing:
    def __init__(self, name, n):
        self.name, self.n, self.log = name, n, []

    def __key__(self):
        return self.name

    def __bool__(self):
        print("bool", self.name)
        return bool(self.n)


@stateflow.entity
class User:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def lists(self, a, b, xs):
        return len([1 for x in xs if x]), [1 for x in xs if x if x], [1 for x in xs if x and b]

    def sets_and_dicts(self, a, b, xs):
        return {1 for x in xs if x}, {1: 2 for x in xs if not x}

    def generators(self, a, b, xs):
        return sum(1 for x in xs if x), sum(1 for x in xs if not x), [n for n in range(2) if a or b]

    def consumers(self, a, b, xs):
        return list(map(bool, xs)), len(list(filter(None, xs))), any(xs), all([b, a]), any({1: a}.values())


def script(world):
    a, b = world.create(Thing, "a", 0), world.create(Thing, "b", 3)
    user = world.create(User, "u")
    for method in ["lists", "sets_and_dicts", "generators", "consumers"]:
        world.call(user, method, a, b, [a, b, a])
    world.state(a)
    world.state(b)
