"""__init__ passes the new entity on after its key is set; the other entity keeps the reference and reads a field."""

import stateflow


@stateflow.entity
class Fleet:
    def __init__(self, name):
        self.name, self.ships = name, []

    def __key__(self):
        return self.name

    def join(self, ship, tons):
        self.ships.append(ship)
        return len(self.ships)

    def total(self):
        return sum(ship.tons for ship in self.ships)


@stateflow.entity
class Ship:
    def __init__(self, name, tons, fleet):
        self.name, self.tons = name, tons
        self.rank = fleet.join(self, tons)

    def __key__(self):
        return self.name


def script(world):
    fleet = world.create(Fleet, "f")
    world.create(Ship, "a", 10, fleet)
    world.create(Ship, "b", 20, fleet)
    world.call(fleet, "total")
    world.state(fleet)
    world.get(world.ref(Ship, "b"), "rank")
