"""`+`, `+=`, `*` and `*=` on a sequence first ask the right operand for `__radd__` or `__rmul__`."""

import stateflow

EXPECTED_ERRORS = ("TypeError",)


@stateflow.entity
class Box:
    def __init__(self, name, items):
        self.name, self.items = name, items

    def __key__(self):
        return self.name

    def __iter__(self):
        print(self.name, "iter")
        return iter(self.items)

    def __radd__(self, other):
        print(self.name, "radd")
        return NotImplemented if self.name == "b" else [other, self.items]

    def __rmul__(self, other):
        print(self.name, "rmul")
        return NotImplemented if self.name == "b" else (other, len(self.items))


@stateflow.entity
class Bag:
    def __init__(self, name, items):
        self.name, self.items = name, items

    def __key__(self):
        return self.name

    def __iter__(self):
        return iter(self.items)


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name, self.kept = name, [0]

    def __key__(self):
        return self.name

    def extend(self, box):
        values = [1]
        values += box
        self.kept += box
        return values

    def join(self, box):
        return [1] + box

    def join_text(self, box):
        return "a" + box

    def repeat(self, box):
        return (1, 2) * box

    def repeat_in_place(self, box):
        values = [1]
        values *= box
        return values


def script(world):
    boxes = [world.create(Box, "a", [1, 2]), world.create(Box, "b", [3, 4]), world.create(Bag, "c", [5])]
    runner = world.create(Runner, "r")
    for box in boxes:
        for name in ("extend", "join", "join_text", "repeat", "repeat_in_place"):
            world.call(runner, name, box)
    world.state(runner)
