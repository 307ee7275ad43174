"""break, continue and return inside match cases that call entities."""

import stateflow


@stateflow.entity
class Tape:
    def __init__(self, name, code):
        self.name, self.code, self.at = name, code, -1

    def __key__(self):
        return self.name

    def fetch(self):
        self.at += 1
        return self.code[self.at]

    def jump(self, to):
        self.at = to - 1


@stateflow.entity
class Machine:
    def __init__(self, name):
        self.name, self.stack = name, []

    def __key__(self):
        return self.name

    def run(self, tape):
        steps = 0
        while steps < 30:
            steps += 1
            match tape.fetch():
                case ["push", value]:
                    self.stack.append(value)
                    continue
                case ["add"]:
                    self.stack.append(self.stack.pop() + self.stack.pop())
                case ["loop", to] if self.stack[-1] < 10:
                    tape.jump(to)
                case ["loop", _]:
                    pass
                case ["halt"]:
                    break
                case unknown:
                    return "unknown", unknown, tape.at
        return self.stack, steps


def script(world):
    machine = world.create(Machine, "m")
    world.call(machine, "run", world.create(Tape, "a", [["push", 1], ["push", 3], ["add"], ["loop", 1], ["halt"]]))
    world.call(machine, "run", world.create(Tape, "b", [["push", 1], ["what", 2]]))
    world.state(machine)
