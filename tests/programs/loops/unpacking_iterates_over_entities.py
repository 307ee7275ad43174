"""Targets of assignments, loops and comprehensions unpack entities, nested too; errors are CPython's."""

import stateflow

EXPECTED_ERRORS = {"ValueError", "TypeError"}


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

    def assignments(self, a, b, xs):
        (x, y), z = a, b
        [first, *rest], (last, _) = b, a
        return x, y, z is b, first, rest, last

    def loops(self, a, b, xs):
        pairs = []
        for x, y in xs:
            pairs.append((x, y))
        for position, (x, y) in enumerate(xs):
            pairs.append((position, x, y))
        for position, (x, *y) in zip("ab", [a, b]):
            pairs.append((position, x, y))
        return pairs

    def comprehensions(self, a, b, xs):
        return [x + y for x, y in xs], {x: y for x, y in xs}, sum(x + y for x, y in xs), [y for _, (y, _) in [(1, b)]]

    def too_many(self, a, b, xs):
        (x,) = a

    def too_few(self, a, b, xs):
        for x, y, z in xs:
            pass

    def too_few_with_star(self, a, b, xs):
        x, y, z, *rest = a

    def not_iterable(self, a, b, xs):
        for x, y in [self]:
            pass


def script(world):
    a, b = world.create(Thing, "a", 0), world.create(Thing, "b", 3)
    user = world.create(User, "u")
    for method in ["assignments", "loops", "comprehensions", "too_many", "too_few", "too_few_with_star", "not_iterable"]:
        world.call(user, method, a, b, [a, b, a])
    world.state(a)
    world.state(b)
