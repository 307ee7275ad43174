"""Many small root requests to two entities in turns; each builds on the state the last one left."""

import stateflow


@stateflow.entity
class Ping:
    def __init__(self, name):
        self.name, self.value, self.peers = name, 1, {}

    def __key__(self):
        return self.name

    def meet(self, other):
        self.peers[other.name] = other
        return sorted(self.peers)

    def mix(self, by):
        for name, peer in self.peers.items():
            self.value = (self.value * 31 + peer.absorb(self, by)) % 1009
        return self.value

    def absorb(self, source, by):
        self.value += by * len(source.name)
        if self.value % 2:
            source.value += 1
        return self.value


def script(world):
    a, b, c = (world.create(Ping, n) for n in ("a", "bb", "ccc"))
    for x, y in ((a, b), (a, c), (b, c), (c, a)):
        world.call(x, "meet", y)
    for by in range(4):
        for x in (a, b, c):
            world.call(x, "mix", by)
