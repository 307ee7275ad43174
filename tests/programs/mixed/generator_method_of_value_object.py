"""A generator method of a value object calls entities; two of them run in turns by zip."""

import stateflow


class Walk:
    def __init__(self, nodes):
        self.nodes = nodes

    def names(self, prefix):
        for node in self.nodes:
            yield prefix + node.label()
        yield prefix + "end"


@stateflow.entity
class Node:
    def __init__(self, name):
        self.name, self.labels = name, 0

    def __key__(self):
        return self.name

    def label(self):
        self.labels += 1
        print("label", self.name)
        return f"{self.name}{self.labels}"


@stateflow.entity
class Walker:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def walk(self, nodes):
        forward, backward = Walk(nodes), Walk(nodes[::-1])
        pairs = []
        for a, b in zip(forward.names("f"), backward.names("b")):
            pairs.append(a + b)
            if len(pairs) == 2:
                print("half way")
        return pairs


def script(world):
    nodes = [world.create(Node, n) for n in "xyz"]
    walker = world.create(Walker, "w")
    world.call(walker, "walk", nodes)
    world.call(walker, "walk", nodes[:1])
