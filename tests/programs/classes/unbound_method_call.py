"""A method called through its class with an entity as first argument reaches that entity; through a base, the base's body."""

import stateflow


@stateflow.entity
class Animal:
    def __init__(self, name):
        self.name, self.noise = name, 0

    def __key__(self):
        return self.name

    def speak(self, times):
        self.noise += times
        return "..." * times


@stateflow.entity
class Dog(Animal):
    def speak(self, times):
        self.noise += 100
        return "waf" + Animal.speak(self, times)


@stateflow.entity
class Vet:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def examine(self, animal):
        return Animal.speak(animal, 1), animal.speak(1), animal.noise


def script(world):
    vet = world.create(Vet, "v")
    world.call(vet, "examine", world.create(Animal, "cat"))
    dog = world.create(Dog, "rex")
    world.call(vet, "examine", dog)
    world.state(dog)
