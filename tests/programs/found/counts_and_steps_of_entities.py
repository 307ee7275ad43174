"""An entity is asked for `__index__` when a sequence is repeated by it, and for `__next__` by `next`, and only then."""

import stateflow


@stateflow.entity
class Count:
    def __init__(self, name, n):
        self.name, self.n = name, n

    def __key__(self):
        return self.name

    def __index__(self):
        print("index", end=" ")
        self.n += 1
        return self.n % 4


@stateflow.entity
class Steps:
    def __init__(self, name, n):
        self.name, self.n = name, n

    def __key__(self):
        return self.name

    def __iter__(self):
        print("iter", end=" ")
        return self

    def __next__(self):
        print("next", end=" ")
        self.n -= 1
        if self.n < 0:
            raise StopIteration(self.n)
        return self.n

    def add(self, k):
        self.n += k
        return self.n


class Wrapped:
    def __init__(self, steps):
        self.steps = steps

    def __iter__(self):
        print("own iter", end=" ")
        return self

    def __next__(self):
        if self.steps.add(-1) < 0:
            raise StopIteration
        return self.steps.n


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def repeat(self, count, steps):
        values = [1]
        values *= count
        return "ab" * count, count * [1, 2], values, b"x" * count, (0,) * count

    def step(self, count, steps):
        first = next(steps)
        rest = [x for x in steps]
        return first, rest, next(steps, "end")

    def step_once_more(self, count, steps):
        try:
            next(steps), next(steps), next(steps), next(steps)
        except StopIteration as stop:
            return stop.value, steps.n

    def no_iterator(self, count, steps):
        try:
            return next(count)
        except TypeError as error:
            return error.args

    def value(self, count, steps):
        wrapped = Wrapped(steps)
        return next(wrapped), next(wrapped, "end"), [x for x in wrapped], next(wrapped, "end")


def script(world):
    runner = world.create(Runner, "r")
    for name in ("repeat", "step", "step_once_more", "no_iterator", "value"):
        count = world.create(Count, name, 1)
        steps = world.create(Steps, name, 3)
        world.call(runner, name, count, steps)
        world.state(count)
        world.state(steps)
