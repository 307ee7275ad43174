"""A comprehension iterates a list of the entity itself while a callee calls back and makes it longer."""

import stateflow


@stateflow.entity
class Plant:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def multiply(self, garden):
        garden.add(self.name + "+") if len(self.name) < 3 else None
        return len(self.name)


@stateflow.entity
class Garden:
    def __init__(self, owner):
        self.owner = owner
        self.names = []
        self.plants = []

    def __key__(self):
        return self.owner

    def add(self, name):
        self.names.append(name)
        self.plants.append(Plant(name))

    def grow(self):
        sizes = [plant.multiply(self) for plant in self.plants]
        return sizes, self.names


def script(world):
    garden = world.create(Garden, "g")
    world.call(garden, "add", "x")
    world.call(garden, "grow")
    world.state(garden)
