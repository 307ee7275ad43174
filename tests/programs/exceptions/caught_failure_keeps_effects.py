"""Effects of a remote call before it raised stay when the caller catches, in all entities of the chain."""

import stateflow


@stateflow.entity
class Step:
    def __init__(self, number, following):
        self.number, self.following, self.done = number, following, 0

    def __key__(self):
        return self.number

    def run(self, fail_at):
        self.done += 1
        if self.number == fail_at:
            raise RuntimeError(self.number)
        if self.following is not None:
            self.following.run(fail_at)
        self.done += 10


@stateflow.entity
class Workflow:
    def __init__(self, name):
        self.name, self.failures = name, []

    def __key__(self):
        return self.name

    def start(self, first, fail_at):
        try:
            first.run(fail_at)
        except RuntimeError as error:
            self.failures.append(error.args[0])
        return len(self.failures)


def script(world):
    third = world.create(Step, 3, None)
    second = world.create(Step, 2, third)
    first = world.create(Step, 1, second)
    workflow = world.create(Workflow, "w")
    for fail_at in (3, 2, 0, 1):
        world.call(workflow, "start", first, fail_at)
    world.state(first)
    world.state(workflow)
