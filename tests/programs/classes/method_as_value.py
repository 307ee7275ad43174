"""Bound methods of other entities and of self are kept in variables, lists and dicts and called later."""

import stateflow


@stateflow.entity
class Motor:
    def __init__(self, name):
        self.name, self.position = name, 0

    def __key__(self):
        return self.name

    def forward(self, by):
        self.position += by
        return self.position

    def back(self, by):
        self.position -= by
        return self.position


@stateflow.entity
class Controller:
    def __init__(self, name):
        self.name, self.count = name, 0

    def __key__(self):
        return self.name

    def tick(self, by):
        self.count += by
        return self.count

    def drive(self, left, right):
        go = left.forward
        moves = [go, right.back, self.tick, left.back]
        table = {"f": right.forward, "t": self.tick}
        results = [move(3) for move in moves]
        results.append(table["f"](10) + table["t"](100))
        results.append((right.forward if results[0] == 3 else left.forward)(1))
        return results, go(0)


def script(world):
    left, right = world.create(Motor, "l"), world.create(Motor, "r")
    controller = world.create(Controller, "c")
    world.call(controller, "drive", left, right)
    world.state(controller)
    world.state(right)
