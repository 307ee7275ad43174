"""An exception in the else part of a try is not caught by its handlers, but its finally part runs."""
import stateflow


@stateflow.entity
class Gate:
    def __init__(self, name):
        self.name = name
        self.passed = 0

    def __key__(self):
        return self.name

    def enter(self, is_open):
        if not is_open:
            raise KeyError("shut")
        self.passed += 1
        return self.passed


@stateflow.entity
class Guest:
    def __init__(self, name):
        self.name = name
        self.log = []

    def __key__(self):
        return self.name

    def visit(self, gate, first, second):
        try:
            try:
                gate.enter(first)
            except KeyError:
                self.log.append("inner")
            else:
                gate.enter(second)
                self.log.append("else")
            finally:
                self.log.append(gate.passed)
        except KeyError:
            self.log.append("outer")
        return list(self.log)


def script(world):
    gate = world.create(Gate, "g")
    guest = world.create(Guest, "a")
    for first, second in ((True, True), (True, False), (False, True)):
        world.call(guest, "visit", gate, first, second)
    world.state(guest)
