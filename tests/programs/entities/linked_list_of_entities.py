"""Entities linked by fields are walked, spliced and deleted by another entity."""

import stateflow


@stateflow.entity
class Car:
    def __init__(self, number, following=None):
        self.number, self.following = number, following

    def __key__(self):
        return self.number


@stateflow.entity
class Train:
    def __init__(self, name):
        self.name, self.head = name, None

    def __key__(self):
        return self.name

    def couple(self, number):
        self.head = Car(number, self.head)
        return self.numbers()

    def numbers(self):
        result, car = [], self.head
        while car:
            result.append(car.number)
            car = car.following
        return result

    def uncouple(self, number):
        previous, car = None, self.head
        while car is not None and car.number != number:
            previous, car = car, car.following
        if car is None:
            return "none"
        if previous is None:
            self.head = car.following
        else:
            previous.following = car.following
        stateflow.delete(car)
        return self.numbers()


def script(world):
    train = world.create(Train, "t")
    for number in (1, 2, 3):
        world.call(train, "couple", number)
    for number in (2, 3, 9):
        world.call(train, "uncouple", number)
    world.state(world.ref(Car, 1))
