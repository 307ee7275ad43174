"""The name of an except clause is gone after the clause, also when it shadowed a local."""

import stateflow


@stateflow.entity
class Probe:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def fail(self, text):
        raise LookupError(text)


@stateflow.entity
class Pilot:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def fly(self, probe):
        error = "before"
        kept = None
        try:
            probe.fail("dark")
        except LookupError as error:
            kept = error
            probe.name
        try:
            return error
        except UnboundLocalError as unbound:
            return type(unbound).__name__, kept.args, probe.name


def script(world):
    probe = world.create(Probe, "p")
    pilot = world.create(Pilot, "x")
    world.call(pilot, "fly", probe)
    world.call(pilot, "fly", probe)
