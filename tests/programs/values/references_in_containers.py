"""References in lists, tuples, dict keys and values and dataclass fields stay usable and compare by identity."""

import stateflow


@stateflow.entity
class Node:
    def __init__(self, name):
        self.name, self.edges, self.weight = name, {}, 1

    def __key__(self):
        return self.name

    def link(self, other, cost):
        self.edges[other] = cost
        return self

    def reachable(self, seen):
        if self in seen:
            return seen
        seen.append(self)
        for neighbour in self.edges:
            seen = neighbour.reachable(seen)
        return seen


@stateflow.entity
class Graph:
    def __init__(self, name):
        self.name, self.nodes = name, []

    def __key__(self):
        return self.name

    def build(self, names):
        self.nodes = [Node(n) for n in names]
        for left, right in zip(self.nodes, self.nodes[1:]):
            left.link(right, 1)
        self.nodes[-1].link(self.nodes[0], 9).link(self.nodes[1], 7)
        return {node: list(node.edges.values()) for node in self.nodes}

    def tour(self, start):
        return [node.name for node in self.nodes[start].reachable([])]


def script(world):
    graph = world.create(Graph, "g")
    world.call(graph, "build", ["a", "b", "c"])
    world.call(graph, "tour", 0)
    world.call(graph, "tour", 2)
    world.state(world.ref(Node, "c"))
