"""`except Exception` does not catch a BaseException that another entity raises; a bare except does."""

import stateflow

EXPECTED_ERRORS = ("Halt",)


class Halt(BaseException):
    pass


@stateflow.entity
class Switch:
    def __init__(self, name):
        self.name, self.flips = name, 0

    def __key__(self):
        return self.name

    def flip(self):
        self.flips += 1
        raise Halt("now", self.flips)


@stateflow.entity
class Machine:
    def __init__(self, name):
        self.name, self.state = name, "idle"

    def __key__(self):
        return self.name

    def run(self, switch):
        self.state = "running"
        try:
            switch.flip()
        except Exception:
            self.state = "error"

    def run_safely(self, switch):
        try:
            self.run(switch)
        except:
            self.state += " then halted"
        return self.state, switch.flips


def script(world):
    switch = world.create(Switch, "s")
    machine = world.create(Machine, "m")
    world.call(machine, "run", switch)
    world.call(machine, "run_safely", switch)
    world.state(machine)
