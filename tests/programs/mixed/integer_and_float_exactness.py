"""Big integers, floats, negative zero and division results are exact after going through entities."""

import stateflow


@stateflow.entity
class Arithmetic:
    def __init__(self, name):
        self.name, self.acc = name, 0

    def __key__(self):
        return self.name

    def add(self, x):
        self.acc += x
        return self.acc


@stateflow.entity
class Lab:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def run(self, a):
        results = [a.add(2**70), a.add(-(2**70)), a.add(0.1), a.add(0.2)]
        results += [-0.0 * a.add(0), a.add(1) // -2, a.add(1) % -3, divmod(-7, 2), 1e308 * 10, round(a.add(0.5))]
        nan = float("nan")
        results.append((nan == nan, [nan] == [nan], a.add(True) == a.acc, type(a.add(True)).__name__))
        return results


def script(world):
    a = world.create(Arithmetic, "a")
    lab = world.create(Lab, "l")
    world.call(lab, "run", a)
    world.state(a)
