"""iter(callable, sentinel) calls another entity until it answers the sentinel."""

import stateflow


@stateflow.entity
class Dice:
    def __init__(self, colour, throws):
        self.colour, self.throws = colour, throws

    def __key__(self):
        return self.colour

    def roll(self):
        return self.throws.pop()


@stateflow.entity
class Gambler:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def roll_until_six(self, dice):
        rolls = []
        for roll in iter(lambda: dice.roll(), 6):
            rolls.append(roll)
        return rolls


def script(world):
    dice = world.create(Dice, "red", [1, 6, 6, 2, 5])
    gambler = world.create(Gambler, "g")
    world.call(gambler, "roll_until_six", dice)
    world.call(gambler, "roll_until_six", dice)
    world.get(dice, "throws")
