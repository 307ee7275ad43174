"""In `a[f()] = g()` the value is evaluated before the target's parts; several targets go left to right."""

import stateflow


@stateflow.entity
class Order:
    def __init__(self, name):
        self.name, self.log = name, []

    def __key__(self):
        return self.name

    def note(self, what, value):
        self.log.append(what)
        return value


@stateflow.entity
class Writer:
    def __init__(self, name):
        self.name, self.rows = name, {}

    def __key__(self):
        return self.name

    def write(self, o):
        rows = self.rows
        rows[o.note("key", "k")] = o.note("value", 1)
        rows[o.note("first", "a")], rows[o.note("second", "b")] = o.note("x", 2), o.note("y", 3)
        rows[o.note("p", "p")] = rows[o.note("q", "q")] = o.note("v", [])
        rows[o.note("aug", "k")] += o.note("by", 10)
        rows["s"] = Rest()
        rows[o.note("t", "t")], *rows[o.note("s", "s")].rest = o.note("z", (7, 8, 9))
        return rows, rows["p"] is rows["q"], rows is self.rows


class Rest:
    rest = None


def script(world):
    order = world.create(Order, "o")
    writer = world.create(Writer, "w")
    world.call(writer, "write", order)
    world.get(order, "log")
