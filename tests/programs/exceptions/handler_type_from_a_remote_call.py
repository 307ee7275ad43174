"""The expression in an except clause is evaluated only when needed, and may itself ask another entity."""

import stateflow

ERRORS = {"math": ArithmeticError, "look": LookupError}


@stateflow.entity
class Policy:
    def __init__(self, name, kind):
        self.name, self.kind = name, kind

    def __key__(self):
        return self.name

    def current(self):
        print("policy", self.kind)
        return self.kind

    def compute(self, a, b):
        return a // b


@stateflow.entity
class Worker:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def work(self, policy, a, b):
        try:
            try:
                return policy.compute(a, b)
            except ERRORS[policy.current()] as error:
                return "caught", str(error)
        except ZeroDivisionError:
            return "missed"


def script(world):
    worker = world.create(Worker, "w")
    math, look = world.create(Policy, "m", "math"), world.create(Policy, "l", "look")
    world.call(worker, "work", math, 6, 3)
    world.call(worker, "work", math, 6, 0)
    world.call(worker, "work", look, 6, 0)
