"""Functions and classes that reach entities may be held by anything when one of Python's own functions runs them."""
import functools
import operator

import stateflow


def value(box):
    return box.n


def added(box, n):
    return box.add(n)


def applied(function, *given):
    return [*map(function, given)]


class Rule:
    steps = [value]

    def __init__(self, k):
        self.k = k
        self.function = value

    def apply(self, box):
        return box.add(self.k)


class Scorer:
    def __call__(self, box):
        return -box.n


def only_in_the_table(box):
    return box.n * 10


TABLE = {"value": value, "rest": [only_in_the_table], "bound": Rule(3).apply}
RULE = Rule(1)


@stateflow.entity
class Box:
    def __init__(self, name, n=3):
        self.name, self.n = name, n

    def __key__(self):
        return self.name

    def add(self, k):
        self.n += k
        return self.n


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def variables(self, box: Box):
        function, rule, getter = value, Rule(2).apply, operator.attrgetter("n")
        return [*map(function, [box])], [*map(rule, [box])], max([box, box], key=getter), [*map(getter, [box])]

    def tables(self, box: Box):
        return [*map(TABLE["value"], [box])], [*map(TABLE["rest"][0], [box])], [*map(TABLE["bound"], [box])]

    def attributes(self, box: Box):
        self.function = value
        return [*map(RULE.steps[0], [box])], [*map(RULE.function, [box])], [*map(self.function, [box])]

    def partials(self, box: Box):
        held = functools.partial(added, box)
        return sum(map(functools.partial(added, box), [1, 2])), [*map(held, [1])], [*filter(functools.partial(added, box), [1])]

    def classes(self, box: Box):
        cls, made = Box, {"x": Box}
        boxes = [*map(cls, ["a", "b"]), *map(functools.partial(made["x"], n=7), ["c"]), *applied(type(box), "d")]
        return [b.n for b in boxes]

    def defaults(self, box: Box, key=value):
        scorer = Scorer()
        return sorted([box], key=key), max([box], key=scorer), applied(Scorer(), box), [*map(scorer, [box])]

    def by_name(self, box: Box):
        find, remove = Box.by_key, stateflow.delete
        found = [*map(find, ["a", "b"])]
        return [b.n for b in found], [*map(Box.add, found, [1, 2])], [*map(remove, found)], len(applied(remove, Box("e")))


def script(world):
    box = world.create(Box, "x", 5)
    runner = world.create(Runner, "r")
    for name in ("variables", "tables", "attributes", "partials", "classes", "defaults", "by_name"):
        world.call(runner, name, box)
