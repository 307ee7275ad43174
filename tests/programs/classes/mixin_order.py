"""Two mixins in a diamond each call super() and another entity; the method resolution order decides."""

import stateflow


@stateflow.entity
class Trace:
    def __init__(self, name):
        self.name, self.lines = name, []

    def __key__(self):
        return self.name

    def add(self, line):
        self.lines.append(line)
        return len(self.lines)


class Base:
    def __init__(self, name, trace):
        self.name, self.trace = name, trace

    def __key__(self):
        return self.name

    def handle(self, x):
        return [("base", self.trace.add(f"base {x}"))]


class Doubling(Base):
    def handle(self, x):
        number = self.trace.add("double")
        return [("double", number)] + super().handle(x * 2)


class Logging(Base):
    def handle(self, x):
        result = super().handle(x + 1)
        return result + [("log", self.trace.add(f"logged {x}"))]


@stateflow.entity
class Handler(Doubling, Logging):
    pass


@stateflow.entity
class Reversed(Logging, Doubling):
    def handle(self, x):
        return super().handle(x)[::-1]


def script(world):
    trace = world.create(Trace, "t")
    world.call(world.create(Handler, "h", trace), "handle", 5)
    world.call(world.create(Reversed, "r", trace), "handle", 5)
    world.state(trace)
