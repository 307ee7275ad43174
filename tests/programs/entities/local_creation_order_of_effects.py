"""Arguments of a creation, its __init__ with calls of its own, and code after it take effect in that order."""

import stateflow


@stateflow.entity
class Tape:
    def __init__(self, name):
        self.name, self.marks = name, []

    def __key__(self):
        return self.name

    def mark(self, text):
        self.marks.append(text)
        print(text)
        return len(self.marks)


@stateflow.entity
class Part:
    def __init__(self, number, tape, depth):
        tape.mark(f"init {number}")
        self.number = number
        self.sub = Part(number + 1, tape, depth - 1) if depth else None
        tape.mark(f"done {number}")

    def __key__(self):
        return self.number


@stateflow.entity
class Factory:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def build(self, tape):
        part = Part(tape.mark("argument") * 10, tape, tape.mark("depth"))
        tape.mark("after")
        return part.number, part.sub.number, part.sub.sub.sub


def script(world):
    tape = world.create(Tape, "t")
    factory = world.create(Factory, "f")
    world.call(factory, "build", tape)
    world.get(tape, "marks")
