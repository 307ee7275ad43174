"""An exception raised in a callback passes through the callee to the first frame, with effects in both kept by the catch."""

import stateflow


@stateflow.entity
class Middle:
    def __init__(self, name):
        self.name, self.steps = name, []

    def __key__(self):
        return self.name

    def forward(self, origin):
        self.steps.append("before")
        try:
            return origin.refuse()
        finally:
            self.steps.append("after")


@stateflow.entity
class Origin:
    def __init__(self, name):
        self.name, self.refusals = name, 0

    def __key__(self):
        return self.name

    def refuse(self):
        self.refusals += 1
        raise PermissionError(self.name, self.refusals)

    def start(self, middle):
        try:
            middle.forward(self)
        except PermissionError as error:
            return error.args, self.refusals, middle.steps


def script(world):
    middle = world.create(Middle, "m")
    origin = world.create(Origin, "o")
    world.call(origin, "start", middle)
    world.call(origin, "start", middle)
    world.state(middle)
