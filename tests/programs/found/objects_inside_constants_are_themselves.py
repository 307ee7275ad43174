"""An object inside a constant of a module, of a class, or in a default is the same object after a suspension."""
import functools
import types
from dataclasses import dataclass

import stateflow


class Rule:
    table = {"a": [1]}

    def __init__(self, k):
        self.k = k
        self.parts = [k]


class Node:
    __slots__ = ("k", "next")

    def __init__(self, k, next=None):
        self.k, self.next = k, next


@dataclass(frozen=True)
class Point:
    x: int
    tags: tuple = ()


def bump(rule):
    return rule.k


RULES = {"x": Rule(1), "list": [Rule(2), Rule(3), Rule(4)], "function": lambda n: n + 1, ("a", 1): Rule(5)}
CHAIN = Node(1, Node(2, Node(3)))
PARTIAL = functools.partial(bump, RULES["x"])
PAIRS = frozenset({(1, 2), (3, 4)})
POINTS = {Point(1, ("a",)), Point(2)}
KEYED = {Rule(8): 3}
SHOWN = types.MappingProxyType({"one": [1]})
SPACE = types.SimpleNamespace(rule=Rule(9), empty=())


@stateflow.entity
class Box:
    def __init__(self, name):
        self.name, self.n = name, 0

    def __key__(self):
        return self.name

    def add(self, k):
        self.n += k
        return self.n


@stateflow.entity
class Runner:
    COMMON = [[1], Rule(7)]

    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def tables(self, box):
        rule, second, parts, other = RULES["x"], RULES["list"][1], RULES["x"].parts, RULES["a", 1]
        box.add(1)
        same = rule is RULES["x"], second is RULES["list"][1], parts is RULES["x"].parts, other is RULES["a", 1]
        return same, rule in RULES.values(), second in RULES["list"], RULES["list"].index(second)

    def classes(self, box):
        common, table = self.COMMON, Rule.table["a"]
        box.add(1)
        return common is Runner.COMMON, common[1] is self.COMMON[1], table is Rule.table["a"]

    def iterators(self, box):
        rules = iter(RULES["list"])
        first = next(rules)
        box.add(1)
        return first is RULES["list"][0], next(rules) is RULES["list"][1], [a is b for a, b in zip(rules, RULES["list"][2:])]

    def functions(self, box):
        function, partial = RULES["function"], PARTIAL
        box.add(1)
        return function is RULES["function"], function(1), partial is PARTIAL, partial()

    def keys(self, box):
        mine = {RULES["x"]: 1}
        key = next(iter(KEYED))
        box.add(1)
        return mine[RULES["x"]], KEYED[key], key in KEYED

    def chains(self, box):
        node, total = CHAIN, 0
        while node is not None:
            total += box.add(node.k)
            node = node.next
        last = CHAIN.next.next
        box.add(1)
        return total, last is CHAIN.next.next, last.next is None

    def sets(self, box):
        found = []
        for pair in sorted(PAIRS):
            found.append((box.add(pair[0]), pair in PAIRS))
        for point in sorted(POINTS, key=lambda p: p.x):
            found.append((box.add(point.x), point in POINTS))
        return found

    def kinds(self, box):
        shown, one, rule, empty = SHOWN, SHOWN["one"], SPACE.rule, SPACE.empty
        box.add(1)
        return shown is SHOWN, one is SHOWN["one"], rule is SPACE.rule, empty is SPACE.empty

    def inside(self, box):
        pair = (RULES["x"], [RULES["x"]])
        copied = [*RULES["list"]]
        box.add(1)
        return pair[0] is pair[1][0] is RULES["x"], copied[0] is RULES["list"][0], copied is RULES["list"]


def script(world):
    box = world.create(Box, "b")
    runner = world.create(Runner, "r")
    for name in ("tables", "classes", "iterators", "functions", "keys", "chains", "sets", "kinds", "inside"):
        world.call(runner, name, box)
