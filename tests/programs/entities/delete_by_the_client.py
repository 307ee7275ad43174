"""The client deletes an entity that another one still refers to; calls that reach it fail, others go on."""

import stateflow
from stateflow.errors import EntityNotFound

EXPECTED_ERRORS = ("EntityNotFound",)


@stateflow.entity
class Leaf:
    def __init__(self, name):
        self.name, self.green = name, True

    def __key__(self):
        return self.name

    def fall(self):
        self.green = False
        return self.name


@stateflow.entity
class Tree:
    def __init__(self, name, leaves):
        self.name, self.leaves, self.lost = name, leaves, []

    def __key__(self):
        return self.name

    def autumn(self):
        for leaf in self.leaves:
            self.lost.append(leaf.fall())
        return self.lost

    def gentle_autumn(self):
        for leaf in self.leaves:
            try:
                self.lost.append(leaf.fall())
            except EntityNotFound:
                self.lost.append(None)
        return self.lost


def script(world):
    leaves = [world.create(Leaf, n) for n in "abc"]
    tree = world.create(Tree, "oak", leaves)
    world.delete(leaves[1])
    world.delete(leaves[1])
    world.call(tree, "autumn")
    world.get(leaves[0], "green")
    world.call(tree, "gentle_autumn")
    world.state(tree)
