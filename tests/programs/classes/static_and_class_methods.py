"""Static and class methods called on self, on a class and on another entity, with entities among the arguments."""

import stateflow


@stateflow.entity
class Player:
    factor = 3

    def __init__(self, name, points):
        self.name, self.points = name, points

    def __key__(self):
        return self.name

    @staticmethod
    def better(a, b):
        return a if a.points >= b.points else b

    @classmethod
    def scaled(cls, player):
        return cls.__name__, player.points * cls.factor

    def challenge(self, other):
        winner = self.better(self, other)
        winner.points += 1
        return winner.name, Player.better(other, self).name, self.scaled(other), other.scaled(self)


@stateflow.entity
class Pro(Player):
    factor = 5

    def challenge(self, other):
        return super().challenge(other), Pro.scaled(self), Player.scaled(self)


def script(world):
    a, b = world.create(Player, "a", 3), world.create(Pro, "b", 3)
    world.call(a, "challenge", b)
    world.call(b, "challenge", a)
    world.state(a)
    world.state(b)
