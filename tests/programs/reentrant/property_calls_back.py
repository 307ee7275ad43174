"""A remote property reads a property of the entity that reads it."""

import stateflow


@stateflow.entity
class Parent:
    def __init__(self, name, wealth):
        self.name, self.wealth, self.child = name, wealth, None

    def __key__(self):
        return self.name

    def adopt(self, child):
        self.child = child

    @property
    def share(self):
        return self.wealth // 2

    @property
    def estate(self):
        return self.wealth + self.child.inheritance


@stateflow.entity
class Child:
    def __init__(self, name, parent):
        self.name, self.parent = name, parent

    def __key__(self):
        return self.name

    @property
    def inheritance(self):
        return self.parent.share + 1


def script(world):
    parent = world.create(Parent, "p", 100)
    child = world.create(Child, "c", parent)
    world.call(parent, "adopt", child)
    world.get(parent, "estate")
    world.get(child, "inheritance")
