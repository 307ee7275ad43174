"""A partial method of the object itself, of a value and of another entity, over a function that reads entities."""

import functools

import stateflow


@stateflow.entity
class Item:
    def __init__(self, name, price):
        self.name, self.price = name, price

    def __key__(self):
        return self.name

    def more(self, amount, other):
        return self.price + amount + (other.price if other else 0)

    ten_more = functools.partialmethod(more, 10)


class Sum:
    def __init__(self, start):
        self.start = start

    def add(self, factor, item, *, bonus=0):
        return self.start + factor * item.price + bonus

    double = functools.partialmethod(add, 2, bonus=1)


@stateflow.entity
class User:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def pay(self, factor, item):
        self.paid = factor * item.price
        return self.paid

    pay_twice = functools.partialmethod(pay, 2)

    def use(self, item: Item, other: Item):
        return self.pay_twice(item), Sum(100).double(item), Sum(100).double(item, bonus=5), item.ten_more(other), item.ten_more(None)

    def keep(self, item: Item):
        pay = self.pay_twice
        price = item.price
        return pay(item), price


def script(world):
    item, other, user = world.create(Item, "a", 3), world.create(Item, "b", 5), world.create(User, "u")
    world.call(user, "use", item, other)
    world.call(user, "keep", item)
    world.call(user, "pay_twice", item)
    world.state(user)
