"""Whatever consumes a generator that suspends takes one element after the other, as CPython does."""
from collections import Counter, OrderedDict, defaultdict, deque

import stateflow


@stateflow.entity
class Box:
    def __init__(self, name, n):
        self.name, self.n = name, n

    def __key__(self):
        return self.name

    def add(self, k):
        self.n += k
        print(self.name, "add", k)
        return self.n

    def pair(self, k):
        self.n += k
        return (k, self.n)


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name = name
        self.table = {"x": 1}

    def __key__(self):
        return self.name

    def update(self, box, xs):
        d = {0: 0}
        try:
            d.update((box.pair(x + len(d)) for x in xs), z=4)
        except ValueError as e:
            print(e, d)
        return d

    def update_bad(self, box, xs):
        d = {0: 0}
        try:
            d.update(box.pair(x) if x < 2 else [box.add(x)] for x in xs)
        except ValueError as e:
            print(e, d)
        try:
            d.update(box.pair(x) if x < 2 else box.add(x) for x in xs)
        except TypeError as e:
            print(e, d)
        try:
            d = dict(box.pair(x) if x < 2 else [box.add(x)] for x in xs)
        except ValueError as e:
            print(e, d)
        return d

    def dict_or(self, box, xs):
        d = {0: 0}
        d |= (box.pair(x + len(d)) for x in xs)
        return d

    def list_iadd(self, box, xs):
        out = [1]
        out += (box.add(x + len(out)) for x in xs)
        return out

    def attr_iadd(self, box, xs):
        self.kept = [1]
        self.kept += (box.add(x + len(self.kept)) for x in xs)
        self.table |= (box.pair(x + len(self.table)) for x in xs)
        return self.kept

    def slice_assign(self, box, xs):
        out = [1, 2, 3]
        out[1:2] = (box.add(x + len(out)) for x in xs)
        return out

    def deque_(self, box, xs):
        out = deque([box.add(x) for x in xs], maxlen=2)
        out += (box.add(x + len(out)) for x in xs)
        return out

    def counter(self, box, xs):
        return Counter([box.add(x) for x in xs])

    def ordered(self, box, xs):
        d = OrderedDict([box.pair(x) for x in xs])
        d.update(box.pair(x + len(d)) for x in xs)
        e = defaultdict(int)
        e.update(box.pair(x + len(e)) for x in xs)
        return d, e

    def sets(self, box, xs):
        s = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
        s.difference_update(box.add(x + len(s) % 2) for x in xs)
        s.intersection_update(box.add(x + len(s) % 2) for x in xs)
        s.symmetric_difference_update(box.add(x + len(s) % 2) for x in xs)
        return s, s.union(box.add(x) for x in xs), s.issubset(box.add(x) for x in xs)

    def texts(self, box, xs):
        return ",".join(str(box.add(x)) for x in xs), bytes(box.add(x) % 200 for x in xs), bytearray(box.add(x) % 200 for x in xs)

    def star(self, box, xs):
        return max(*(box.add(x) for x in xs), 3), [*(box.add(x) for x in xs)], (*(box.add(x) for x in xs),), {**dict(box.pair(x) for x in xs)}

    def compare(self, box, xs):
        return tuple(box.add(x) for x in xs) == tuple(xs), 3 in (box.add(x) for x in xs)

    def counted(self, box, xs):
        c = Counter()
        c.update(box.add(x) for x in xs)
        return c

    def fromkeys(self, box, xs):
        return dict.fromkeys((box.add(x) for x in xs), 1), frozenset(box.add(x) for x in xs)


def script(world):
    box = world.create(Box, "b", 3)
    runner = world.create(Runner, "r")
    for name in "update update_bad dict_or list_iadd attr_iadd slice_assign deque_ counter ordered sets texts star compare counted fromkeys".split():
        world.call(runner, name, box, [1, 2, 3])
    world.state(runner)
