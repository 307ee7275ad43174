"""A generator with try/finally is left early by break; its finally has called the entity when it is closed."""

import stateflow


@stateflow.entity
class Valve:
    def __init__(self, name):
        self.name, self.log = name, []

    def __key__(self):
        return self.name

    def note(self, text):
        self.log.append(text)
        return text


@stateflow.entity
class Plumber:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def flow(self, valve, n):
        valve.note("open")
        try:
            for i in range(n):
                yield valve.note(f"drop {i}")
        except GeneratorExit:
            valve.note("exit")
            raise
        finally:
            valve.note("shut")

    def use(self, valve, limit):
        drops = self.flow(valve, 3)
        got = []
        for drop in drops:
            got.append(drop)
            if len(got) == limit:
                break
        drops.close()
        valve.note("done")
        return got, valve.log


def script(world):
    plumber = world.create(Plumber, "p")
    world.call(plumber, "use", world.create(Valve, "a"), 2)
    world.call(plumber, "use", world.create(Valve, "b"), 9)
