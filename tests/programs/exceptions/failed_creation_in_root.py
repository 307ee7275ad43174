"""A root creation whose __init__ calls another entity and then raises leaves nothing behind."""

import stateflow

EXPECTED_ERRORS = ("ValueError", "EntityNotFound")


@stateflow.entity
class Registry:
    def __init__(self, name):
        self.name, self.count = name, 0

    def __key__(self):
        return self.name

    def register(self, what):
        self.count += 1
        return self.count


@stateflow.entity
class Company:
    def __init__(self, name, registry, capital):
        self.name = name
        self.number = registry.register(name)
        if capital < 100:
            raise ValueError("capital", capital)
        self.capital = capital

    def __key__(self):
        return self.name


def script(world):
    registry = world.create(Registry, "r")
    world.create(Company, "acme", registry, 500)
    world.create(Company, "tiny", registry, 5)
    world.get(registry, "count")
    world.get(world.ref(Company, "tiny"), "capital")
    world.state(world.ref(Company, "acme"))
