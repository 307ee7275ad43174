"""`reversed` first asks whether there are items, and only then for the length; None in a class rules a special method out."""

import stateflow


@stateflow.entity
class Crate:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name


@stateflow.entity
class Row(Crate):
    def __getitem__(self, index):
        if index > 2:
            raise IndexError
        return index


@stateflow.entity
class Sized(Row):
    def __len__(self):
        return 2


@stateflow.entity
class Never(Sized):
    __reversed__ = None
    __iter__ = None
    __contains__ = None


@stateflow.entity
class Failing(Crate):
    def __iter__(self):
        raise TypeError("not now")


@stateflow.entity
class Runner(Crate):
    def run(self, value):
        answers = []
        for ask in (lambda: list(reversed(value)), lambda: 1 in value, lambda: [found for found in value if found > 9]):
            try:
                answers.append(ask())
            except TypeError as error:
                answers.append(str(error))
        return answers


def script(world):
    runner = world.create(Runner, "r")
    for cls in (Crate, Row, Sized, Never, Failing):
        world.call(runner, "run", world.create(cls, "c"))
