"""Augmented assignment to a name, own field, remote field, list item and slice with remote operands on the right."""

import stateflow


@stateflow.entity
class Source:
    def __init__(self, name):
        self.name, self.n, self.items = name, 1, [1]

    def __key__(self):
        return self.name

    def next(self):
        self.n *= 2
        return self.n


@stateflow.entity
class Sink:
    def __init__(self, name):
        self.name, self.total, self.rows = name, 100, [1, 2, 3, 4]

    def __key__(self):
        return self.name

    def drain(self, source):
        x = 5
        x -= source.next()
        self.total //= source.next()
        source.n += source.next()
        self.rows[source.next() % 4] **= source.next()
        self.rows[1:3] *= 2
        source.items += [source.next()]
        source.items *= 2
        x <<= 2
        x |= source.n & 7
        text = "a"
        text += f"{source.next()}"
        text %= () if "%" not in text else ()
        return x, self.total, source.n, source.items, text


def script(world):
    source = world.create(Source, "s")
    sink = world.create(Sink, "k")
    world.call(sink, "drain", source)
    world.state(sink)
    world.state(source)
