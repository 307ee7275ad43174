"""Lists, tuples, dicts and texts of values whose special methods reach an entity call these methods, in CPython's order."""

import stateflow


@stateflow.entity
class Box:
    def __init__(self, name, n):
        self.name, self.n = name, n

    def __key__(self):
        return self.name

    def add(self, k):
        self.n += k
        print(self.name, "add", k, end=";")
        return self.n


class Value:
    def __init__(self, box, k):
        self.box, self.k = box, k

    def __eq__(self, other):
        return self.box.add(1) % 2 == 0

    def __lt__(self, other):
        return self.box.add(2) % 3 == 0

    def __bool__(self):
        return self.box.add(3) % 2 == 0

    def __str__(self):
        return f"str{self.box.add(4)}"

    def __repr__(self):
        return f"repr{self.box.add(5)}"


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def sort(self, box):
        values = [Value(box, k) for k in range(5)]
        order = [v.k for v in sorted(values)], [v.k for _, v in sorted([(v.k % 2, v) for v in values])]
        values.sort(reverse=True)
        return order, [v.k for v in values], min(values).k, max(values).k

    def search(self, box):
        v, w = Value(box, 1), Value(box, 2)
        return w in [1, v], [1, v].count(w), [v, w] == [w, v], (v, 1) != (w, 1), {"a": v} == {"a": w}, (v, 1) < (w, 2), [1, v, v].index(w)

    def show(self, box):
        v, w = Value(box, 1), Value(box, 2)
        return "%s %r" % (v, w), str([v, (w,)]), f"{[v]} {w} {v!r}", "{} {!r}".format(v, [w]), repr({"a": v}), str({1: (w,)})

    def truth(self, box):
        values = [Value(box, k) for k in range(4)]
        return any(values), all(values), [v.k for v in filter(None, values)], [not v for v in values]

    def number(self, box, start):
        try:
            return list(enumerate(["a"], start))
        except TypeError as error:
            return error.args


def script(world):
    for name in "sort search show truth".split():
        box = world.create(Box, name, 3)
        runner = world.create(Runner, "r" + name)
        world.call(runner, name, box)
    world.call(runner, "number", box, box)
    world.call(runner, "number", box, 7)
