"""Locals that shadow builtins, the class name, and names that look generated keep their meaning."""

import stateflow


@stateflow.entity
class Item:
    def __init__(self, name):
        self.name, self.list = name, [1]

    def __key__(self):
        return self.name

    def max(self, other):
        return "max", other

    def next(self):
        self.list.append(len(self.list) + 1)
        return self.list[-1]


@stateflow.entity
class User:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def work(self, item):
        sum = item.next()
        list = [sum, item.next()]
        len = item.max(list)
        pc, frame, result, _ = 1, 2, item.next(), item.next()
        Item = item
        type = Item.name
        self.__dict__

        def print(x):
            list.append(x)
            return item.next()

        id = print("shadow")
        return sum, list, len, pc, frame, result, _, type, id


def script(world):
    item = world.create(Item, "i")
    user = world.create(User, "u")
    world.call(user, "work", item)
    world.get(item, "list")
