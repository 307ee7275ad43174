"""A reference prints as class and key, also in containers, in exceptions and after the entity was deleted."""
import stateflow


@stateflow.entity
class Box:
    def __init__(self, name, n):
        self.name, self.n = name, n

    def __key__(self):
        return self.name

    def add(self, k):
        self.n += k
        return self.n


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def show(self, box, boxes):
        print(box, [box.add(1), box], {"a": (box,)})
        stateflow.delete(box)
        return str(boxes), repr(box), f"{box} {box!r:>9}", str(ValueError(box, 1).args)


def script(world):
    box = world.create(Box, "b", 3)
    other = world.create(Box, "c", 3)
    runner = world.create(Runner, "r")
    world.call(runner, "show", box, [box, other])
