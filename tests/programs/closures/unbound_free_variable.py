"""A closure that reads a variable before the method has set it raises NameError, which is caught after a call."""

import stateflow


@stateflow.entity
class Lamp:
    def __init__(self, name):
        self.name, self.on = name, False

    def __key__(self):
        return self.name

    def toggle(self):
        self.on = not self.on
        return self.on


@stateflow.entity
class Kid:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def play(self, lamp):
        def late():
            return lamp.toggle(), value

        try:
            late()
        except NameError as error:
            message = str(error)
        value = lamp.on
        second = late()
        del value
        try:
            return message, second, late()
        except NameError:
            return message, second, lamp.on


def script(world):
    lamp = world.create(Lamp, "l")
    kid = world.create(Kid, "k")
    world.call(kid, "play", lamp)
    world.state(lamp)
