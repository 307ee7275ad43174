"""A receiver annotated with a base class answers by its real class's override."""

import stateflow


@stateflow.entity
class Vehicle:
    def __init__(self, plate: str):
        self.plate = plate
        self.km = 0

    def __key__(self):
        return self.plate

    def toll(self, km: int) -> int:
        self.km += km
        return km


@stateflow.entity
class Lorry(Vehicle):
    def __init__(self, plate: str, axles: int):
        super().__init__(plate)
        self.axles = axles

    def toll(self, km: int) -> int:
        return super().toll(km) * self.axles


@stateflow.entity
class Bike(Vehicle):
    def toll(self, km: int) -> int:
        self.km += km
        return 0


@stateflow.entity
class Tollgate:
    def __init__(self, road: str):
        self.road = road
        self.income = 0

    def __key__(self):
        return self.road

    def collect(self, vehicles: list[Vehicle], km: int) -> list:
        kinds = []
        for vehicle in vehicles:
            self.income += vehicle.toll(km)
            kinds.append((type(vehicle).__name__, isinstance(vehicle, Lorry), vehicle.km))
        return kinds


def script(world):
    fleet = [world.create(Vehicle, "a"), world.create(Lorry, "b", 4), world.create(Bike, "c")]
    gate = world.create(Tollgate, "A4")
    world.call(gate, "collect", fleet, 10)
    world.call(gate, "collect", fleet[1:] + fleet[:1], 3)
    world.get(gate, "income")
