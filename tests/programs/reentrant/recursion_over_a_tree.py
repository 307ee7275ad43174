"""A tree of entities sums its values by recursion; every node adds after its children answered."""

import stateflow


@stateflow.entity
class Node:
    def __init__(self, name: str, value: int):
        self.name = name
        self.value = value
        self.left: "Node | None" = None
        self.right: "Node | None" = None

    def __key__(self):
        return self.name

    def insert(self, name: str, value: int) -> int:
        if value < self.value:
            if self.left is None:
                self.left = Node(name, value)
                return 1
            return 1 + self.left.insert(name, value)
        if self.right is None:
            self.right = Node(name, value)
            return 1
        return 1 + self.right.insert(name, value)

    def in_order(self) -> list:
        before = self.left.in_order() if self.left else []
        return before + [self.value] + (self.right.in_order() if self.right else [])

    def depth(self) -> int:
        return 1 + max((child.depth() for child in (self.left, self.right) if child is not None), default=0)


def script(world):
    root = world.create(Node, "root", 50)
    for name, value in (("a", 30), ("b", 70), ("c", 40), ("d", 60), ("e", 35)):
        world.call(root, "insert", name, value)
    world.call(root, "in_order")
    world.call(root, "depth")
    world.state(world.ref(Node, "a"))
