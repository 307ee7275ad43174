"""sort, sorted, min and max compare entities as often, and in the order, as CPython does."""

import stateflow


@stateflow.entity
class Thing:
    def __init__(self, name, n):
        self.name, self.n, self.log = name, n, []

    def __key__(self):
        return self.name

    def __lt__(self, o):
        print("lt", self.name)
        return self.n < (o.n if isinstance(o, Thing) else o)


@stateflow.entity
class User:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def sorted_lists(self, a, b, xs):
        return [x.name for x in sorted(xs)], [x.name for x in sorted([*xs, b, a, b], reverse=True)]

    def in_place(self, a, b, xs):
        xs.sort()
        names = [x.name for x in xs]
        xs.sort(reverse=True)
        return names, [x.name for x in xs]

    def keys_hold_entities(self, a, b, xs):
        return [x.name for x in sorted(xs, key=lambda x: (x, 1))]

    def extremes(self, a, b, xs):
        return min(xs).name, max(xs).name, max(a, b).name, min([], default=a).name

    def many(self, a, b, xs):
        things = [b, b, a, b, a, a, b, a, a, b, a]
        return [x.name for x in sorted(things)], [x.name for x in sorted([b, a] * 4, reverse=True)]

    def more_than_a_run(self, a, b, xs):
        return "".join(x.name for x in sorted([b, a] * 40, key=lambda x: x.n)), [1]


def script(world):
    a, b = world.create(Thing, "a", 0), world.create(Thing, "b", 3)
    user = world.create(User, "u")
    for method in ["sorted_lists", "in_place", "keys_hold_entities", "extremes", "many", "more_than_a_run"]:
        world.call(user, method, a, b, [a, b, a])
    world.state(a)
    world.state(b)
