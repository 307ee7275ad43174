"""Shortest paths with heapq over plain tuples while edges are read from other entities."""

import heapq

import stateflow


@stateflow.entity
class Stop:
    def __init__(self, name):
        self.name, self.lines = name, {}

    def __key__(self):
        return self.name

    def connect(self, other, minutes):
        self.lines[other] = minutes

    def connections(self):
        return self.lines


@stateflow.entity
class Navigator:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def shortest(self, start):
        best, heap, order = {}, [(0, 0, start)], 0
        while heap:
            minutes, _, stop = heapq.heappop(heap)
            if stop in best:
                continue
            best[stop] = minutes
            for other, extra in stop.connections().items():
                order += 1
                heapq.heappush(heap, (minutes + extra, order, other))
        return {stop.name: minutes for stop, minutes in best.items()}


def script(world):
    stops = {n: world.create(Stop, n) for n in "abcd"}
    for a, b, minutes in (("a", "b", 7), ("a", "c", 2), ("c", "b", 3), ("b", "d", 1), ("c", "d", 8)):
        world.call(stops[a], "connect", stops[b], minutes)
    navigator = world.create(Navigator, "n")
    world.call(navigator, "shortest", stops["a"])
    world.call(navigator, "shortest", stops["d"])
