"""A method that only reads, called before and after one that writes, leaves nothing out of what a failure takes back."""

import stateflow

EXPECTED_ERRORS = ("ValueError",)


@stateflow.entity
class Jar:
    def __init__(self, name):
        self.name, self.coins = name, 3

    def __key__(self):
        return self.name

    def look(self):
        return self.name, self.coins

    def add(self, coins):
        self.coins += coins


@stateflow.entity
class Keeper:
    def __init__(self, name):
        self.name, self.others = name, []

    def __key__(self):
        return self.name

    def move(self, jars, fails=False):
        seen = []
        for jar in jars:
            seen.append(jar.look())
            jar.add(1)
            seen.append(jar.look())
        if fails:
            raise ValueError(seen)
        return seen

    def note(self, keepers):
        self.others += keepers
        return [keeper is self for keeper in keepers], [keeper.name for keeper in keepers]


def script(world):
    one, two = world.create(Jar, "one"), world.create(Jar, "two")
    keeper, other = world.create(Keeper, "k"), world.create(Keeper, "o")
    world.call(keeper, "move", [one, two, one])
    world.call(keeper, "move", [two, one], fails=True)
    world.call(keeper, "move", [one, two])
    world.call(keeper, "note", [keeper, other, keeper])
