"""Int, float, bool, complex, bytes, bytearray, ranges, sets, Decimal and dates keep value and type both ways."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import stateflow


@stateflow.entity
class Store:
    def __init__(self, name):
        self.name, self.kept = name, None

    def __key__(self):
        return self.name

    def keep(self, value):
        self.kept = value
        return [value, type(value).__name__]


@stateflow.entity
class Sender:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def send(self, store):
        values = [1, 1.0, True, -0.0, 10**30, 2j, "é", b"\x00", bytearray(b"ab"), None, ..., {1, 2}, frozenset("a")]
        values += [Decimal("1.10"), Fraction(1, 3), date(2024, 2, 29), datetime(2024, 1, 1, 12), timedelta(days=1.5)]
        values += [UUID(int=5), (), ((1,),), {(1, 2): [3]}, float("inf")]
        return [store.keep(value) for value in values]


def script(world):
    store = world.create(Store, "s")
    sender = world.create(Sender, "x")
    world.call(sender, "send", store)
    world.call(store, "keep", {"a": [1, 1.0, True]})
    world.state(store)
