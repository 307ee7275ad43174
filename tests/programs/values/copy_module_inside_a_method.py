"""copy and deepcopy of plain values inside a method, with references inside that stay the same entity."""

import copy

import stateflow


@stateflow.entity
class Pet:
    def __init__(self, name):
        self.name, self.meals = name, 0

    def __key__(self):
        return self.name

    def feed(self):
        self.meals += 1
        return self.meals


@stateflow.entity
class Owner:
    def __init__(self, name):
        self.name, self.pets = name, []

    def __key__(self):
        return self.name

    def adopt(self, pet):
        pet.feed()
        self.pets.append([pet])
        shallow, deep = copy.copy(self.pets), copy.deepcopy(self.pets)
        self.pets[0].append(pet.feed())
        return shallow[0] is self.pets[0], deep, deep[0][0] is pet, deep[0][0].feed()


def script(world):
    pet = world.create(Pet, "rex")
    owner = world.create(Owner, "ann")
    world.call(owner, "adopt", pet)
    world.state(owner)
    world.get(pet, "meals")
