"""Lists, tuples and dicts compare, order and search their elements by the __eq__ and __lt__ of entities."""

import stateflow

EXPECTED_ERRORS = {"ValueError"}


@stateflow.entity
class Thing:
    def __init__(self, name, n):
        self.name, self.n, self.log = name, n, []

    def __key__(self):
        return self.name

    def __eq__(self, o):
        print("eq", self.name)
        return self.n == (o.n if isinstance(o, Thing) else o)

    def __lt__(self, o):
        print("lt", self.name)
        return self.n < (o.n if isinstance(o, Thing) else o)


@stateflow.entity
class User:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def membership(self, a, b, xs):
        return a in [b], a in [1, 0], 3 in [a, b], b in (a,), b not in xs, 3 in {1: a, 2: b}.values()

    def equality(self, a, b, xs):
        return [a] == [b], (a, 1) == (a, 1), {1: a} == {1: b}, [a, b] != [a, 3], {1: a} != {2: a}, [[a]] == [[0]], [a] == [a, b]

    def order(self, a, b, xs):
        return [a] < [b], (a, 1) < (b, 1), (a, 1) < (a, 2), [a, b] < [a], [[b]] < [[a]]

    def search(self, a, b, xs):
        return xs.index(b), xs.count(a), (a, b).index(3), xs.index(0, 1), [x.name for x in xs if x == 0]

    def removal(self, a, b, xs):
        ys = [1, b, a]
        ys.remove(3)
        xs.remove(b)
        return len(ys), ys[1] is a, len(xs)

    def missing(self, a, b, xs):
        return [a, b].index(7)

    def missing_in_tuple(self, a, b, xs):
        return (a, b).index(7)

    def missing_to_remove(self, a, b, xs):
        [a].remove(b)


def script(world):
    a, b = world.create(Thing, "a", 0), world.create(Thing, "b", 3)
    user = world.create(User, "u")
    for method in ["membership", "equality", "order", "search", "removal", "missing", "missing_in_tuple", "missing_to_remove"]:
        world.call(user, method, a, b, [a, b, a])
    world.state(a)
    world.state(b)
