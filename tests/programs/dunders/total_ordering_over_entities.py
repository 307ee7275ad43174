"""functools.total_ordering completes a value class that compares what other entities answer, and an entity class."""

import functools

import stateflow


@stateflow.entity
class Item:
    def __init__(self, name, price):
        self.name, self.price = name, price

    def __key__(self):
        return self.name


@functools.total_ordering
class Offer:
    def __init__(self, item):
        self.item = item

    def __eq__(self, other):
        return self.item.price == other.item.price

    def __lt__(self, other):
        if not isinstance(other, Offer):
            return NotImplemented
        return self.item.price < other.item.price


@functools.total_ordering
class Plain:
    def __init__(self, n):
        self.n = n

    def __eq__(self, other):
        return self.n == other.n

    def __gt__(self, other):
        return self.n > other.n


@functools.total_ordering
@stateflow.entity
class Rank:
    def __init__(self, number):
        self.number, self.asked = number, 0

    def __key__(self):
        return self.number

    def __eq__(self, other):
        return self.number == other.number

    def __hash__(self):
        return 1

    def __lt__(self, other):
        self.asked += 1
        return self.number < other.number


@stateflow.entity
class User:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def compare(self, a: Item, b: Item):
        x, y = Offer(a), Offer(b)
        return x < y, x <= y, x > y, x >= y, x == y, max(x, y).item == b, [o.item.name for o in sorted([y, x])]

    def compare_plain(self, item: Item):
        x, y = Plain(item.price), Plain(4)
        return x < y, x <= y, x > y, x >= y, x != y

    def compare_entities(self, low: Rank, high: Rank):
        return low < high, low <= high, low > high, low >= high, max([low, high]).number, sorted([high, low])[0].number

    def compare_with_another_type(self, a: Item):
        return Offer(a) >= 3


EXPECTED_ERRORS = ("TypeError",)


def script(world):
    a, b, user = world.create(Item, "a", 3), world.create(Item, "b", 5), world.create(User, "u")
    low, high = world.create(Rank, 1), world.create(Rank, 2)
    world.call(user, "compare", a, b)
    world.call(user, "compare_plain", a)
    world.call(user, "compare_entities", low, high)
    world.call(user, "compare_with_another_type", a)
    world.state(low)
    world.state(high)
