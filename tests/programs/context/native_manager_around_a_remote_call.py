"""A context manager of plain Python around remote calls is entered and left once, with and without a target."""
import contextlib

import stateflow


class Counter:
    def __init__(self):
        self.events = []

    def __enter__(self):
        self.events.append("in")

    def __exit__(self, kind, error, trace):
        self.events.append("out" if kind is None else kind.__name__)
        return kind is KeyError


@stateflow.entity
class Line:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def send(self, value):
        if value < 0:
            raise KeyError(value)
        return value * 2


@stateflow.entity
class Caller:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def without_target(self, line, value):
        counter = Counter()
        with counter:
            line.send(value)
        return counter.events

    def with_target(self, line, value):
        counter = Counter()
        with counter as nothing, contextlib.nullcontext(5) as five:
            return counter.events, nothing, line.send(value) + five
        return counter.events


def script(world):
    line = world.create(Line, "l")
    caller = world.create(Caller, "c")
    for value in (1, -1):
        world.call(caller, "without_target", line, value)
        world.call(caller, "with_target", line, value)
