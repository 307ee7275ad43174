"""Loops, comprehensions, sums and stars over empty and one-element remote answers."""

import stateflow


@stateflow.entity
class Bag:
    def __init__(self, name, things):
        self.name, self.things = name, things

    def __key__(self):
        return self.name

    def all(self):
        return self.things


@stateflow.entity
class Checker:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def check(self, bag):
        out = [None]
        for thing in bag.all():
            out.append(thing)
        else:
            out.append("else")
        first, *rest = bag.all() or ["nothing"]
        best = max((len(t) for t in bag.all()), default=-1)
        return (
            out,
            first,
            rest,
            best,
            [*bag.all(), *bag.all()],
            sum(1 for _ in bag.all()),
            any(bag.all()),
            all(bag.all()),
            "".join(bag.all()),
        )


def script(world):
    checker = world.create(Checker, "c")
    for name, things in (("e", []), ("o", ["x"]), ("b", ["", "yy"])):
        world.call(checker, "check", world.create(Bag, name, things))
