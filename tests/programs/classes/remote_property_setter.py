"""Assigning to a property of another entity runs its setter there, which may refuse."""

import stateflow

EXPECTED_ERRORS = ("ValueError",)


@stateflow.entity
class Boiler:
    def __init__(self, name):
        self.name, self._degrees, self.changes = name, 20, []

    def __key__(self):
        return self.name

    @property
    def degrees(self):
        return self._degrees

    @degrees.setter
    def degrees(self, value):
        if value > 90:
            raise ValueError("too hot", value)
        self.changes.append((self._degrees, value))
        self._degrees = value

    @degrees.deleter
    def degrees(self):
        self._degrees = 0


@stateflow.entity
class Panel:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def heat(self, boiler, steps):
        for step in steps:
            boiler.degrees += step
        return boiler.degrees

    def heat_safely(self, boiler, value):
        try:
            boiler.degrees = value
        except ValueError as error:
            del boiler.degrees
            return error.args[1], boiler.degrees


def script(world):
    boiler = world.create(Boiler, "b")
    panel = world.create(Panel, "p")
    world.call(panel, "heat", boiler, [10, 20])
    world.call(panel, "heat", boiler, [10, 50])
    world.state(boiler)
    world.call(panel, "heat_safely", boiler, 95)
