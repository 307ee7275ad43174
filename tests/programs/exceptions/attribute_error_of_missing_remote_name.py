"""An attribute or method that the other class lacks, reached through an untyped name, is CPython's AttributeError."""

import stateflow

EXPECTED_ERRORS = ("AttributeError",)


@stateflow.entity
class Robot:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def walk(self):
        self.walked = True


@stateflow.entity
class Child:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def play(self, toy):
        try:
            already = toy.walked
        except AttributeError:
            already = None
        toy.walk()
        return already, toy.walked, hasattr(toy, "name"), getattr(toy, "colour", "grey"), getattr(toy, "name")

    def demand(self, toy):
        toy.walk()
        return toy.fly()


def script(world):
    toy = world.create(Robot, "r")
    child = world.create(Child, "c")
    world.call(child, "play", toy)
    world.call(child, "play", toy)
    world.call(child, "demand", toy)
