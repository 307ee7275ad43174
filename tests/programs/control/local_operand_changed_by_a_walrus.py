"""A local operand read before a remote call keeps its value when a walrus or a loop changes the variable; an unbound one raises first."""
import stateflow


@stateflow.entity
class Meter:
    def __init__(self, name):
        self.name = name
        self.reads = 0

    def __key__(self):
        return self.name

    def read(self, value):
        self.reads += 1
        return value


@stateflow.entity
class Clerk:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def rebound(self, meter, n):
        return n + meter.read(10) + (n := 100) + meter.read(n) + n

    def rebound_in_arguments(self, meter, n):
        return [n, meter.read(n := n + 1), n, meter.read(n := n * 2), n]

    def rebound_in_a_loop(self, meter):
        found = []
        last = 0
        for step in range(3):
            pair = (last, meter.read(step), last := step + 10)
            found.append(pair)
        return found

    def augmented(self, meter, n):
        n += meter.read(n := 50) + n
        return n

    def unbound(self, meter, is_set):
        if is_set:
            n = 1
        return n + meter.read(5)

    def unbound_by_del(self, meter):
        n = 1
        total = n + meter.read(1)
        del n
        return total + n + meter.read(2)


EXPECTED_ERRORS = ["UnboundLocalError"]


def script(world):
    meter = world.create(Meter, "m")
    clerk = world.create(Clerk, "c")
    world.call(clerk, "rebound", meter, 1)
    world.call(clerk, "rebound_in_arguments", meter, 3)
    world.call(clerk, "rebound_in_a_loop", meter)
    world.call(clerk, "augmented", meter, 1)
    world.call(clerk, "unbound", meter, True)
    world.call(clerk, "unbound", meter, False)
    world.state(meter)
    world.call(clerk, "unbound_by_del", meter)
    world.state(meter)
