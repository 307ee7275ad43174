"""The methods that a named tuple or a dataclass was given are called with arguments that reach another entity."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import stateflow


class Point(NamedTuple):
    x: int
    y: int

    def moved(self, box):
        return self._replace(x=box.add(self.x), y=box.add(self.y))


@dataclass(order=True, frozen=True)
class Money:
    amount: int

    def plus(self, box):
        return replace(self, amount=self.amount + box.add(1))


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
        self.name = name

    def __key__(self):
        return self.name

    def tuples(self, box):
        point = Point(1, 2)
        make = Point._make
        return point.moved(box), point._replace(y=box.add(3)), make([box.add(1), box.add(2)]), point._asdict(), point.index(2)

    def classes(self, box):
        money = Money(3)
        return money.plus(box), money.__eq__(Money(box.add(-box.n + 3))), money < Money(box.add(7)), sorted([Money(box.add(1)), money])


def script(world):
    box = world.create(Box, "b", 3)
    runner = world.create(Runner, "r")
    world.call(runner, "tuples", box)
    world.call(runner, "classes", box)
