"""A for loop assigns to an attribute, a subscript and a starred tuple as its target."""

import stateflow


@stateflow.entity
class Wheel:
    def __init__(self, name):
        self.name, self.turns = name, 0

    def __key__(self):
        return self.name

    def spin(self, by):
        self.turns += by
        return self.turns


@stateflow.entity
class Game:
    def __init__(self, number):
        self.number = number
        self.bet = None
        self.last = [0, 0]

    def __key__(self):
        return self.number

    def play(self, wheel):
        results = []
        for self.bet in (1, 2, 3):
            results.append(wheel.spin(self.bet))
        for self.last[wheel.turns % 2] in "ab":
            wheel.spin(1)
        for head, *tail in ([1, 2, 3], [4], (5, 6)):
            results.append((wheel.spin(head), tail))
        for wheel.turns in (100, 200):
            results.append(wheel.spin(1))
        return results, self.bet, self.last


def script(world):
    wheel = world.create(Wheel, "w")
    game = world.create(Game, 1)
    world.call(game, "play", wheel)
    world.get(wheel, "turns")
