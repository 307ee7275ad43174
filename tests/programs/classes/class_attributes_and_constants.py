"""Class attributes read through self, another entity, the class and a subclass override."""

import stateflow

LIMIT = 10


@stateflow.entity
class Plan:
    rate = 2
    names = ("basic", "plus")

    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def cost(self, usage):
        return usage * self.rate if usage < LIMIT else usage


@stateflow.entity
class Premium(Plan):
    rate = 1


@stateflow.entity
class Subscriber:
    BONUS = LIMIT // 2

    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def bill(self, plan, usage):
        return plan.cost(usage) + self.BONUS, plan.rate, plan.names[0], Plan.rate, type(plan).rate, LIMIT

    def own_rate(self, plan):
        plan.rate = 9
        return plan.cost(1), Plan.rate


def script(world):
    basic, premium = world.create(Plan, "b"), world.create(Premium, "p")
    subscriber = world.create(Subscriber, "s")
    for plan in (basic, premium):
        world.call(subscriber, "bill", plan, 4)
        world.call(subscriber, "bill", plan, 40)
    world.call(subscriber, "own_rate", basic)
    world.state(basic)
    world.state(premium)
