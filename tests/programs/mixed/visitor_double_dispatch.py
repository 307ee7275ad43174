"""A visitor entity and node entities call each other back: double dispatch with an accumulator."""

import stateflow


@stateflow.entity
class Number:
    def __init__(self, name, value):
        self.name, self.value = name, value

    def __key__(self):
        return self.name

    def accept(self, visitor):
        return visitor.visit_number(self)


@stateflow.entity
class Sum:
    def __init__(self, name, *parts):
        self.name, self.parts = name, parts

    def __key__(self):
        return self.name

    def accept(self, visitor):
        return visitor.visit_sum(self)


@stateflow.entity
class Evaluator:
    def __init__(self, name):
        self.name, self.visited = name, []

    def __key__(self):
        return self.name

    def visit_number(self, number):
        self.visited.append(number.name)
        return number.value

    def visit_sum(self, node):
        self.visited.append(node.name)
        return sum(part.accept(self) for part in node.parts)

    def run(self, node):
        self.visited.clear()
        visited = self.visited
        return node.accept(self), visited


def script(world):
    one, two = world.create(Number, "one", 1), world.create(Number, "two", 2)
    inner = world.create(Sum, "inner", one, two)
    outer = world.create(Sum, "outer", inner, one, inner)
    evaluator = world.create(Evaluator, "e")
    world.call(evaluator, "run", outer)
    world.call(evaluator, "run", two)
    world.state(evaluator)
