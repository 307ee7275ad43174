"""A module's own decorator around methods runs before and after, with remote calls inside."""

from functools import wraps

import stateflow


def logged(method):
    @wraps(method)
    def inner(self, *args, **kwargs):
        self.log.append(f"> {method.__name__}")
        result = method(self, *args, **kwargs)
        self.log.append(f"< {result}")
        return result

    return inner


@stateflow.entity
class Fridge:
    def __init__(self, name):
        self.name, self.log, self.eggs = name, [], 6

    def __key__(self):
        return self.name

    @logged
    def take(self, n):
        self.eggs -= n
        return self.eggs


@stateflow.entity
class Chef:
    def __init__(self, name):
        self.name, self.log = name, []

    def __key__(self):
        return self.name

    @logged
    def bake(self, fridge, cakes=1):
        for _ in range(cakes):
            fridge.take(2)
        return fridge.eggs


def script(world):
    fridge = world.create(Fridge, "f")
    chef = world.create(Chef, "c")
    world.call(chef, "bake", fridge)
    world.call(chef, "bake", fridge, cakes=2)
    world.state(chef)
    world.state(fridge)
