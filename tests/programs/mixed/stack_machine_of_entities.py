"""Entities as operators on a stack of values: class attributes hold lambdas, calls go through self.table."""

import stateflow


@stateflow.entity
class Register:
    def __init__(self, name, value):
        self.name, self.value = name, value

    def __key__(self):
        return self.name

    def load(self):
        return self.value

    def store(self, value):
        self.value = value


@stateflow.entity
class Calculator:
    table = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}

    def __init__(self, name):
        self.name, self.stack = name, []

    def __key__(self):
        return self.name

    def evaluate(self, program, registers):
        for token in program.split():
            if token in self.table:
                b, a = self.stack.pop(), self.stack.pop()
                self.stack.append(self.table[token](a, b))
            elif token[0] == "=":
                registers[token[1:]].store(self.stack.pop())
            elif token.isdigit():
                self.stack.append(int(token))
            else:
                self.stack.append(registers[token].load())
        return self.stack


def script(world):
    registers = {n: world.create(Register, n, v) for n, v in (("x", 3), ("y", 4))}
    calculator = world.create(Calculator, "c")
    world.call(calculator, "evaluate", "x x * y y * + =x x 2 -", registers)
    world.get(registers["x"], "value")
