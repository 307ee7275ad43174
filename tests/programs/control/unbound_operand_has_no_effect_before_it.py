"""An unbound operand is reported before the remote call behind it; what was caught shows that the call never ran."""
import stateflow


@stateflow.entity
class Meter:
    def __init__(self, name):
        self.name = name
        self.reads = 0

    def __key__(self):
        return self.name

    def read(self):
        self.reads += 1
        print("read")
        return self.reads


@stateflow.entity
class Clerk:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def add(self, meter, is_set):
        if is_set:
            n = 5
        try:
            return n + meter.read()
        except UnboundLocalError as error:
            return str(error), meter.reads

    def bound_on_both_ways(self, meter, is_set):
        if is_set:
            n = meter.read()
        else:
            n = 7
        return n + meter.read()


def script(world):
    meter = world.create(Meter, "m")
    clerk = world.create(Clerk, "c")
    world.call(clerk, "add", meter, True)
    world.call(clerk, "add", meter, False)
    world.call(clerk, "bound_on_both_ways", meter, True)
    world.call(clerk, "bound_on_both_ways", meter, False)
    world.state(meter)
