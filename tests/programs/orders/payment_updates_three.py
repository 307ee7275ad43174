"""A payment changes warehouse, district and customer; the customer's history line is built from all three."""

import stateflow


@stateflow.entity
class Level:
    def __init__(self, name, parent=None):
        self.name, self.parent, self.ytd = name, parent, 0

    def __key__(self):
        return self.name

    def receive(self, amount):
        self.ytd += amount
        above = self.parent.receive(amount) if self.parent else []
        return [*above, f"{self.name}:{self.ytd}"]


@stateflow.entity
class Customer:
    def __init__(self, name, credit):
        self.name, self.credit, self.balance, self.history = name, credit, 0, ""

    def __key__(self):
        return self.name

    def pay(self, district, amount):
        trail = district.receive(amount)
        self.balance -= amount
        if self.credit == "bad":
            self.history = (f"{'/'.join(trail)} {amount};" + self.history)[:40]
        return self.balance, trail


def script(world):
    warehouse = world.create(Level, "w")
    district = world.create(Level, "d", warehouse)
    bad, good = world.create(Customer, "b", "bad"), world.create(Customer, "g", "good")
    for customer, amount in ((bad, 5), (good, 7), (bad, 100)):
        world.call(customer, "pay", district, amount)
    world.state(bad)
    world.state(warehouse)
