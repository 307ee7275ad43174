"""A while loop asks another entity before each round, and its else runs when the answer is false."""

import stateflow


@stateflow.entity
class Tank:
    def __init__(self, name, litres):
        self.name, self.litres = name, litres

    def __key__(self):
        return self.name

    def has_at_least(self, amount):
        return self.litres >= amount

    def drain(self, amount):
        self.litres -= amount
        return amount


@stateflow.entity
class Truck:
    def __init__(self, plate):
        self.plate, self.load = plate, 0

    def __key__(self):
        return self.plate

    def fill(self, tank, size, limit):
        rounds = 0
        while tank.has_at_least(size):
            if self.load >= limit:
                break
            self.load += tank.drain(size)
            rounds += 1
        else:
            return "tank empty", rounds
        return "truck full", rounds


def script(world):
    tank = world.create(Tank, "t", 50)
    truck = world.create(Truck, "x1")
    world.call(truck, "fill", tank, 10, 30)
    world.call(truck, "fill", tank, 15, 100)
    world.state(truck)
    world.get(tank, "litres")
