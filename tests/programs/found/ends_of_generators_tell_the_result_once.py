"""The end of a generator is a `StopIteration` with its result, without one when that is None, and when it had ended before."""
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


def counted(meter, result):
    received = yield meter.read(1)
    try:
        yield meter.read(received)
    except KeyError:
        meter.read(3)
    return result


@stateflow.entity
class Clerk:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def end(self, meter, result, way):
        generator = counted(meter, result)
        found = [next(generator), generator.send(5)]
        for again in range(3):
            try:
                if way == "next":
                    next(generator)
                elif way == "send" or again:
                    generator.send(meter.read(again))
                else:
                    generator.throw(KeyError)
            except StopIteration as error:
                found.append((repr(error), error.value, error.args))
        return found

    def looped(self, meter):
        generator = counted(meter, 7)
        found = [value for value in generator]
        try:
            next(generator)
        except StopIteration as error:
            found.append(error.args)
        return found


def script(world):
    meter = world.create(Meter, "m")
    clerk = world.create(Clerk, "c")
    for way in ("next", "send", "throw"):
        for result in (None, 5, (1, 2), 0):
            world.call(clerk, "end", meter, result, way)
    world.call(clerk, "looped", meter)
