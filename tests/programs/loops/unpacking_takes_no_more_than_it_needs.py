"""Unpacking asks an endless generator for one value more than it has targets, then refuses."""

import stateflow

EXPECTED_ERRORS = {"TypeError"}


@stateflow.entity
class Thing:
    def __init__(self, name, n):
        self.name, self.n, self.log = name, n, []

    def __key__(self):
        return self.name

    def __bool__(self):
        print("bool", self.name)
        return bool(self.n)


@stateflow.entity
class User:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def endless(self, a, b, xs):
        def numbers():
            while True:
                b.n += 1
                yield b.n

        try:
            x, y = numbers()
        except ValueError as error:
            return str(error), b.n

    def not_iterable(self, a, b, xs):
        def count():
            return b.n

        x, y = count()


def script(world):
    a, b = world.create(Thing, "a", 0), world.create(Thing, "b", 3)
    user = world.create(User, "u")
    for method in ["endless", "not_iterable"]:
        world.call(user, method, a, b, [a, b, a])
    world.state(a)
    world.state(b)
