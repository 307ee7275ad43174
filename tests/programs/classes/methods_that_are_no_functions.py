"""Partial methods and callable attributes of the class are called on another entity."""

import functools

import stateflow


@stateflow.entity
class Item:
    def __init__(self, name, price):
        self.name, self.price = name, price

    def __key__(self):
        return self.name

    def _set(self, price, factor=1):
        self.price = price * factor
        return self.price

    set_to_seven = functools.partialmethod(_set, 7)
    double = functools.partialmethod(_set, factor=2)
    as_text = str


@stateflow.entity
class User:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def partial(self, item):
        return item.set_to_seven(), item.double(4), item.set_to_seven(factor=3), item.price

    def class_attribute(self, item):
        return item.as_text(5)

    def held(self, item):
        method = item.double
        return method(2)


def script(world):
    item = world.create(Item, "i", 5)
    user = world.create(User, "u")
    for method in ["partial", "class_attribute", "held"]:
        world.call(user, method, item)
    world.state(item)
    world.state(user)
