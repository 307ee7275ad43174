"""An iterator over a deque, from either end or inside another iterator, goes on after a suspension and notices a mutation meanwhile."""
import itertools
from collections import deque

import stateflow


class Line(deque):
    pass


@stateflow.entity
class Box:
    def __init__(self, name):
        self.name, self.n = name, 0

    def __key__(self):
        return self.name

    def add(self, k):
        self.n += 1
        return k * 2


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name = name
        self.queue = deque([1, 2, 3, 4])

    def __key__(self):
        return self.name

    def backwards(self, box):
        found = []
        for x in reversed(self.queue):
            found.append(box.add(x))
        rest = reversed(self.queue)
        found.append(next(rest))
        box.add(1)
        self.queue[1] = 7
        found += [box.add(x) for x in rest]
        return found, next(rest, "end"), [x + box.add(y) for x, y in zip(self.queue, reversed(self.queue))]

    def drain(self, box, make, change):
        line = Line([1, 2, 3, 4])
        values, found = make(line), []
        try:
            for x in values:
                found.append(x)
                box.add(0)
                if len(found) == 2:
                    change(line)
                    box.add(0)
        except RuntimeError as error:
            found.append(str(error))
        return found

    def mutated(self, box):
        changes = [lambda d: d.append(9), lambda d: d.pop(), lambda d: d.rotate(1), lambda d: d.clear(), lambda d: None]
        return [self.drain(box, make, change) for make in (self.forth, self.back) for change in changes]

    def forth(self, line):
        return iter(line) if line or line.append(0) else None

    def back(self, line):
        return reversed(line) if line or line.append(0) else None

    def inside(self, box):
        d = deque([3, 1, 2, 1])
        makers = [
            map(str, d), filter(None, d), zip(d, reversed(d)), enumerate(d, 5), itertools.chain(d, "ab"), itertools.islice(d, 3),
            itertools.islice(itertools.cycle(d), 7), itertools.accumulate(d), itertools.takewhile(lambda x: x > 0, d),
            itertools.dropwhile(lambda x: x > 1, d), itertools.filterfalse(lambda x: x > 2, d), itertools.compress(d, [1, 0, 1, 1]),
            itertools.zip_longest(d, [1], fillvalue=7), itertools.starmap(max, zip(d, d)), (x + 1 for x in reversed(d)),
            enumerate(reversed(d)), iter([*d].pop, 3),
        ]
        found = []
        for values in makers:
            first = next(values)
            box.add(1)
            found.append((first, [(x, box.add(1)) for x in values]))
        return found


def script(world):
    box = world.create(Box, "b")
    runner = world.create(Runner, "r")
    for name in ("backwards", "mutated", "inside"):
        world.call(runner, name, box)
