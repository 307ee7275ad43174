"""A method that changes what __key__ answers raises KeyChanged when it returns, and is undone."""

import stateflow

EXPECTED_ERRORS = ("KeyChanged",)


@stateflow.entity
class User:
    def __init__(self, name):
        self.name, self.visits = name, 0

    def __key__(self):
        return self.name

    def rename(self, name):
        self.visits += 1
        self.name = name
        return "renamed"

    def rename_and_back(self, name):
        old, self.name = self.name, name
        self.visits += 1
        self.name = old
        return "same"


def script(world):
    user = world.create(User, "ann")
    world.call(user, "rename", "bob")
    world.call(user, "rename_and_back", "bob")
    world.call(user, "rename", "ann")
    world.state(user)
