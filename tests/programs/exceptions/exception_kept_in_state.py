"""An exception stored in an entity's field is a value: it can be read later and raised again."""

import stateflow

EXPECTED_ERRORS = ("TimeoutError",)


@stateflow.entity
class Task:
    def __init__(self, number):
        self.number, self.error = number, None

    def __key__(self):
        return self.number

    def record(self, error):
        self.error = error

    def outcome(self):
        if self.error is not None:
            raise self.error
        return "fine"


@stateflow.entity
class Pool:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def run(self, task, seconds):
        try:
            if seconds > 3:
                raise TimeoutError("slow", seconds)
        except TimeoutError as error:
            task.record(error)
        return type(task.error).__name__


def script(world):
    pool = world.create(Pool, "p")
    good, bad = world.create(Task, 1), world.create(Task, 2)
    world.call(pool, "run", good, 1)
    world.call(pool, "run", bad, 9)
    world.call(good, "outcome")
    world.call(bad, "outcome")
