"""A class that derives from a named tuple of its own name: two classes of one name, both of them values."""

from collections import namedtuple

import stateflow


class Point(namedtuple("Point", "x y")):
    def total(self):
        return self.x + self.y


class Old:
    def __init__(self):
        self.n = 1


Former = Old


class Old:  # noqa: F811
    def __init__(self):
        self.n = 2


@stateflow.entity
class Item:
    def __init__(self, name, price):
        self.name, self.price = name, price

    def __key__(self):
        return self.name

    def move(self, point):
        return type(point) is Point, point.total(), point


@stateflow.entity
class User:
    def __init__(self, name):
        self.name, self.points = name, []

    def __key__(self):
        return self.name

    def walk(self, item: Item):
        point = Point(1, item.price)
        plain = Point.__mro__[1](3, 4)
        self.points += [point, plain]
        answer = item.move(point)
        return point.total(), type(plain) is Point, plain, answer, self.points[0] is point

    def both(self, item: Item):
        former, latter = Former(), Old()
        price = item.price
        return former.n, latter.n, type(former) is Former, type(latter) is Old, price


def script(world):
    item, user = world.create(Item, "i", 5), world.create(User, "u")
    world.call(user, "walk", item)
    world.call(user, "both", item)
    world.state(user)
