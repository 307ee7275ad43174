"""Calls are chained: each answer is an entity of another class that is called, read or indexed next."""

import stateflow


@stateflow.entity
class Country:
    def __init__(self, name, capital):
        self.name, self.capital = name, capital

    def __key__(self):
        return self.name

    def seat(self):
        return self.capital


@stateflow.entity
class Town:
    def __init__(self, name, mayors):
        self.name, self.mayors, self.visits = name, mayors, 0

    def __key__(self):
        return self.name

    def visit(self):
        self.visits += 1
        return self

    def mayor(self, index):
        return self.mayors[index]


@stateflow.entity
class Mayor:
    def __init__(self, name):
        self.name, self.hands = name, 0

    def __key__(self):
        return self.name

    def shake(self):
        self.hands += 1
        return self.hands


@stateflow.entity
class Tourist:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def tour(self, country):
        hands = country.seat().visit().visit().mayor(0).shake() + country.capital.mayors[1].shake()
        return hands, country.seat().visit().visits, country.capital.mayor(-1).name.upper()[0]


def script(world):
    a, b = world.create(Mayor, "ann"), world.create(Mayor, "bob")
    country = world.create(Country, "nl", world.create(Town, "hague", [a, b]))
    tourist = world.create(Tourist, "t")
    world.call(tourist, "tour", country)
    world.call(tourist, "tour", country)
