"""The error of an operator that an entity does not define names the entity's class, as it does for any operand."""
import stateflow


@stateflow.entity
class Box:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def run(self, box, n):
        errors = []
        for act in (lambda: box % n, lambda: n + box, lambda: len(box), lambda: box[n], lambda: list(box), lambda: box < n):
            try:
                act()
            except TypeError as error:
                errors.append(str(error))
        return errors


def script(world):
    box = world.create(Box, "a")
    runner = world.create(Runner, "r")
    world.call(runner, "run", box, 3)
