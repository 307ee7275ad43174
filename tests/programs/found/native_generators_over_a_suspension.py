"""A generator expression without a call of its own waits, made and half used, while later operands and statements reach another entity."""
import stateflow


@stateflow.entity
class Box:
    def __init__(self, name, n):
        self.name, self.n = name, n

    def __key__(self):
        return self.name

    def add(self, k):
        self.n += k
        return self.n


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def operand(self, box, xs):
        return next((x * 2 for x in xs), box.n), sum((x for x in xs), box.add(1))

    def kept(self, box, xs):
        doubles = (x * 2 for x in xs)
        first = next(doubles)
        box.add(first)
        xs.append(box.n)
        return [first, *doubles]

    def looped(self, box, xs):
        for x in (x + 1 for x in xs):
            if box.add(x) > 12:
                break
        return box.n


def script(world):
    box = world.create(Box, "a", 3)
    runner = world.create(Runner, "r")
    world.call(runner, "operand", box, [4, 5])
    world.call(runner, "operand", box, [])
    world.call(runner, "kept", box, [1, 2])
    world.call(runner, "looped", box, [1, 2, 3, 4])
