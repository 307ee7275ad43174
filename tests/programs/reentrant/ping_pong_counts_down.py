"""Two entities of one class call each other in loops; locals of every open frame are kept apart."""

import stateflow


@stateflow.entity
class Player:
    def __init__(self, name):
        self.name, self.hits = name, 0

    def __key__(self):
        return self.name

    def hit(self, other, n):
        results = []
        for i in range(n):
            self.hits += 1
            results.append((self.name, i, other.hit(self, n - i - 1)))
        return results


def script(world):
    ping, pong = world.create(Player, "ping"), world.create(Player, "pong")
    world.call(ping, "hit", pong, 3)
    world.get(ping, "hits")
    world.get(pong, "hits")
