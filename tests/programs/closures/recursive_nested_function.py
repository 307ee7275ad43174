"""A nested function that calls itself and another entity on each level."""

import stateflow


@stateflow.entity
class Folder:
    def __init__(self, path, size, children=()):
        self.path, self.size, self.children = path, size, list(children)

    def __key__(self):
        return self.path

    def visit(self):
        print("visit", self.path)
        return self.size


@stateflow.entity
class Scanner:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def usage(self, root):
        deepest = 0

        def walk(folder, depth):
            nonlocal deepest
            deepest = max(deepest, depth)
            total = folder.visit()
            for child in folder.children:
                total += walk(child, depth + 1)
            return total

        return walk(root, 0), deepest


def script(world):
    leaf = world.create(Folder, "/a/b/c", 4)
    middle = world.create(Folder, "/a/b", 2, (leaf,))
    other = world.create(Folder, "/a/x", 10)
    root = world.create(Folder, "/a", 1, [middle, other])
    scanner = world.create(Scanner, "s")
    world.call(scanner, "usage", root)
    world.call(scanner, "usage", leaf)
