"""Several items in one with statement are entered left to right and left right to left, also when a later enter fails."""

import stateflow


@stateflow.entity
class Resource:
    def __init__(self, name, broken=False):
        self.name, self.broken = name, broken

    def __key__(self):
        return self.name

    def acquire(self):
        print("acquire", self.name)
        if self.broken:
            raise OSError(self.name)
        return self.name.upper()

    def release(self):
        print("release", self.name)


class Holding:
    def __init__(self, resource):
        self.resource = resource

    def __enter__(self):
        return self.resource.acquire()

    def __exit__(self, *details):
        self.resource.release()


@stateflow.entity
class Process:
    def __init__(self, pid):
        self.pid = pid

    def __key__(self):
        return self.pid

    def work(self, a, b, c):
        try:
            with Holding(a) as x, Holding(b) as y, Holding(c):
                print("body", x, y)
                return x + y
        except OSError as error:
            return "failed", error.args


def script(world):
    a, b, c = (world.create(Resource, n) for n in "abc")
    bad = world.create(Resource, "bad", broken=True)
    process = world.create(Process, 1)
    world.call(process, "work", a, b, c)
    world.call(process, "work", a, bad, c)
    world.call(process, "work", a, b, bad)
