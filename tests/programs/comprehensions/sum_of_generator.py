"""sum over a generator expression of remote calls, with a condition and a start value."""

import stateflow


@stateflow.entity
class Stall:
    def __init__(self, number, takings):
        self.number, self.takings = number, takings

    def __key__(self):
        return self.number

    def close(self):
        taken, self.takings = self.takings, 0
        return taken

    def is_rented(self):
        return self.number != 2


@stateflow.entity
class Market:
    def __init__(self, square):
        self.square = square
        self.total = 0

    def __key__(self):
        return self.square

    def collect(self, stalls):
        self.total += sum(stall.close() for stall in stalls if stall.is_rented())
        again = sum((stall.takings for stall in stalls), start=100)
        return self.total, again


def script(world):
    stalls = [world.create(Stall, n, n * 10) for n in (1, 2, 3)]
    market = world.create(Market, "dam")
    world.call(market, "collect", stalls)
    world.call(market, "collect", stalls)
