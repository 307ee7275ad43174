"""Methods of library classes, and those that a named tuple or a dataclass was given, take arguments that reach another entity."""

from collections import ChainMap, Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
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

    def dates(self, box):
        day, moment = date(2024, 1, 31), datetime(2024, 1, 31, 8)
        return (day.replace(day=box.add(-box.n + 2)), moment.replace(hour=box.add(1), minute=box.add(1)), day.strftime(f"%d{box.add(1)}"),
                date.fromordinal(box.add(1000)), timedelta(1) + timedelta(box.add(-1000)))

    def numbers(self, box):
        return (Fraction(355, 113).limit_denominator(box.add(-box.n + 10)), Decimal("1.2345").quantize(Decimal(box.add(1)) / 100),
                Counter("abca").most_common(box.add(-box.n + 1)), ChainMap({"a": 1}, {"b": 2}).get("c", box.add(1)), (5).__add__(box.add(1)))


def script(world):
    box = world.create(Box, "b", 3)
    runner = world.create(Runner, "r")
    world.call(runner, "tuples", box)
    world.call(runner, "classes", box)
    world.call(runner, "dates", box)
    world.call(runner, "numbers", box)
