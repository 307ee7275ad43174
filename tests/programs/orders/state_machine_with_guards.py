"""An order walks through states; each transition asks other entities and records who did it."""

import stateflow

EXPECTED_ERRORS = ("InvalidMove",)


class InvalidMove(Exception):
    pass


MOVES = {"new": {"pay": "paid", "cancel": "cancelled"}, "paid": {"ship": "shipped", "refund": "cancelled"}}


@stateflow.entity
class Payment:
    def __init__(self, name, budget):
        self.name, self.budget = name, budget

    def __key__(self):
        return self.name

    def capture(self, amount):
        self.budget -= amount
        return self.budget >= 0


@stateflow.entity
class Order:
    def __init__(self, number, amount):
        self.number, self.amount, self.status, self.trail = number, amount, "new", []

    def __key__(self):
        return self.number

    def move(self, action, payment):
        target = MOVES.get(self.status, {}).get(action)
        if target is None:
            raise InvalidMove(self.status, action)
        old, self.status = self.status, "moving"
        try:
            if action == "pay" and not payment.capture(self.amount):
                raise InvalidMove(old, "no money", payment.budget)
            self.status = target
        finally:
            if self.status == "moving":
                self.status = old
            self.trail.append((old, action, payment.name, self.status))
        return self.status

    def try_moves(self, actions, payment):
        done = []
        for action in actions:
            try:
                done.append(self.move(action, payment))
            except InvalidMove as error:
                done.append(error.args)
        return done


def script(world):
    rich, poor = world.create(Payment, "rich", 100), world.create(Payment, "poor", 1)
    order = world.create(Order, 1, 40)
    world.call(order, "move", "ship", rich)
    world.call(order, "try_moves", ["pay", "cancel"], poor)
    world.call(order, "move", "pay", poor)
    world.call(world.create(Order, 2, 40), "try_moves", ["pay", "ship", "refund"], rich)
    world.state(order)
    world.state(poor)
