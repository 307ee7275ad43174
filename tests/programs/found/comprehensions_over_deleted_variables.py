"""A comprehension that reads a variable of the function which is not bound raises what CPython raises, not what other reads do."""
import stateflow

EXPECTED_ERRORS = ("NameError", "UnboundLocalError")


@stateflow.entity
class Box:
    def __init__(self, name, n):
        self.name, self.n = name, n

    def __key__(self):
        return self.name

    def add(self, k):
        self.n += k
        print(self.name, "add", k)
        return self.n


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def element(self, box, xs):
        i = 1
        del i
        return [box.add(x) + i for x in xs]

    def iterable(self, box, xs):
        if not xs:
            i = [1]
        return [box.add(x) for x in i]

    def condition(self, box, xs):
        for i in ():
            box.add(i)
        return {box.add(x) for x in xs if x > i}

    def parameter(self, box, xs):
        del xs
        return {x: y for x in [box.add(1)] for y in xs}

    def captured(self, box, xs):
        i = box.add(1)
        read = lambda: i
        del i
        try:
            return [box.add(x) + i for x in xs]
        except NameError as error:
            return type(error).__name__, error.args, read

    def outside(self, box, xs):
        i = box.add(1)
        del i
        return i + len([box.add(x) for x in xs])

    def native(self, box, xs):
        i = box.add(len(xs))
        del i
        first = [x + i for x in xs]
        return box.add(1), first

    def nested(self, box, xs):
        i = box.add(1)
        del i
        return sum(y for x in xs for y in [box.add(z) + i for z in range(x)])


def script(world):
    box = world.create(Box, "b", 3)
    runner = world.create(Runner, "r")
    for method in ("element", "iterable", "condition", "parameter", "captured", "outside", "native", "nested"):
        world.call(runner, method, box, [1, 2])
