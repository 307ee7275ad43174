"""Arguments of a creation are copied as one graph, so two arguments that were one list are one list there."""

import stateflow


@stateflow.entity
class Team:
    def __init__(self, name, players, reserves):
        self.name, self.players, self.reserves = name, players, reserves

    def __key__(self):
        return self.name

    def sign(self, player):
        self.players.append(player)
        return self.players, self.reserves


@stateflow.entity
class League:
    def __init__(self, name):
        self.name, self.pool = name, ["ann"]

    def __key__(self):
        return self.name

    def found(self):
        shared = Team("shared", self.pool, self.pool)
        apart = Team("apart", self.pool, list(self.pool))
        self.pool.append("late")
        return shared.sign("x"), apart.sign("y"), self.pool


def script(world):
    league = world.create(League, "l")
    world.call(league, "found")
    world.state(world.ref(Team, "shared"))
    world.state(world.ref(Team, "apart"))
