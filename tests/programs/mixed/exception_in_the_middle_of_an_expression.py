"""An expression that fails half way has done the calls before it and none after, with operands dropped."""

import stateflow


@stateflow.entity
class Step:
    def __init__(self, name):
        self.name, self.done = name, []

    def __key__(self):
        return self.name

    def do(self, n):
        self.done.append(n)
        if n < 0:
            raise ArithmeticError(n)
        return n


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name, self.value, self.table = name, "old", {}

    def __key__(self):
        return self.name

    def run(self, s, a, b, c):
        try:
            self.value = [s.do(a), {s.do(b): s.do(c)}, s.do(a) + s.do(b) * s.do(c)]
            self.table[s.do(a)] = s.do(b), self.table
        except ArithmeticError as error:
            return error.args[0], self.value, list(self.table)
        return len(s.done), self.value


def script(world):
    runner = world.create(Runner, "r")
    for name, values in (("s1", (1, 2, 3)), ("s2", (1, -2, 3)), ("s3", (1, 2, -3)), ("s4", (-1, 2, 3))):
        step = world.create(Step, name)
        world.call(runner, "run", step, *values)
        world.get(step, "done")
    world.get(runner, "value")
