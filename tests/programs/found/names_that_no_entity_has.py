"""`getattr` and `hasattr` with a name that no entity has first reach the entity, which must exist."""
import stateflow

EXPECTED_ERRORS = ("EntityNotFound",)


@stateflow.entity
class Box:
    def __init__(self, name, n):
        self.name, self.n = name, n

    def __key__(self):
        return self.name

    def add(self, k):
        self.n += k
        print(self.name, "add", k)
        return self.n


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name, self.log = name, []

    def __key__(self):
        return self.name

    def ask(self, box):
        return getattr(box, "nothing", box.add(1)), hasattr(box, "nothing"), hasattr(self, "nothing")

    def ask_gone(self, gone, box):
        stateflow.delete(gone)
        try:
            return getattr(gone, "nothing", box.add(2))
        finally:
            box.add(3)

    def ask_lost(self, gone, box):
        stateflow.delete(gone)
        try:
            self.log.append(hasattr(gone, "nothing"))
        except LookupError as error:
            return error.args, box.add(4)


def script(world):
    gone = world.create(Box, "a", 3)
    box = world.create(Box, "b", 3)
    runner = world.create(Runner, "r")
    world.call(runner, "ask", box)
    world.call(runner, "ask_gone", gone, box)
    world.call(runner, "ask_lost", gone, box)
