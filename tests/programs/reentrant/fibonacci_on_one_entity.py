"""A method calls itself twice on self and once through another entity that calls back."""

import stateflow


@stateflow.entity
class Relay:
    def __init__(self, name):
        self.name, self.hops = name, 0

    def __key__(self):
        return self.name

    def pass_on(self, target, n):
        self.hops += 1
        return target.fib(n)


@stateflow.entity
class Fibonacci:
    def __init__(self, name, relay):
        self.name, self.relay, self.calls = name, relay, 0

    def __key__(self):
        return self.name

    def fib(self, n):
        self.calls += 1
        if n < 2:
            return n
        return self.fib(n - 1) + self.relay.pass_on(self, n - 2)


def script(world):
    relay = world.create(Relay, "r")
    fibonacci = world.create(Fibonacci, "f", relay)
    world.call(fibonacci, "fib", 7)
    world.state(fibonacci)
    world.get(relay, "hops")
