"""A loop over a deque goes on after a suspension, and notices there too that the deque was mutated."""

from collections import deque

import stateflow


@stateflow.entity
class Box:
    def __init__(self, name, n):
        self.name, self.n = name, n

    def __key__(self):
        return self.name

    def add(self, k):
        self.n += k
        return self.n


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name, self.waiting = name, deque([4, 5, 6])

    def __key__(self):
        return self.name

    def loop(self, box):
        return [(x, box.add(x)) for x in self.waiting], [box.add(x) for x in deque()]

    def mutated_before(self, box):
        values = deque([1, 2, 3])
        seen = []
        try:
            for x in values:
                seen.append(x)
                values.append(x)
                box.add(x)
        except RuntimeError as error:
            return seen, str(error), values

    def mutated_after(self, box):
        seen = []
        try:
            for x in self.waiting:
                seen.append(box.add(x))
                self.waiting.rotate()
        except RuntimeError as error:
            return seen, str(error), self.waiting

    def mutated_at_the_end(self, box):
        values = deque([1, 2])
        for x in values:
            if x == 2:
                box.add(x)
                values.append(3)
                break
        return values

    def replaced(self, box):
        values = deque([1, 2, 3], maxlen=3)
        for x in values:
            values[2] = box.add(x)
        return values

    def nested(self, box):
        values = deque([1, 2])
        return [(x, y, box.add(x * y)) for x in values for y in values]


def script(world):
    box = world.create(Box, "b", 3)
    runner = world.create(Runner, "r")
    for name in ("loop", "mutated_before", "mutated_after", "mutated_at_the_end", "replaced", "nested"):
        world.call(runner, name, box)
    world.state(runner)
