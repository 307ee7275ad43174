"""An entity is reversed by its own method, or by its items and its length; any other one is refused as Python does."""
import stateflow


@stateflow.entity
class Plain:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name


@stateflow.entity
class Sized(Plain):
    def __len__(self):
        return 2


@stateflow.entity
class Indexed(Plain):
    def __getitem__(self, index):
        return index * 2


@stateflow.entity
class Sequence(Sized):
    def __getitem__(self, index):
        return index * 3


@stateflow.entity
class Barred(Sequence):
    __reversed__ = None


@stateflow.entity
class Own(Plain):
    def __reversed__(self):
        return [3, self.name]


@stateflow.entity
class Runner(Plain):
    def reverse(self, values):
        found = []
        for value in values:
            try:
                found.append([*reversed(value)])
            except TypeError as error:
                found.append(str(error))
        return found


def script(world):
    runner = world.create(Runner, "r")
    values = [world.create(cls, cls.__name__) for cls in (Plain, Sized, Indexed, Sequence, Barred, Own)]
    world.call(runner, "reverse", values)
