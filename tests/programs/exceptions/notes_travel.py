"""Notes added to an exception by callee and caller reach the client in order."""

import stateflow

EXPECTED_ERRORS = ("RuntimeError",)


@stateflow.entity
class Node:
    def __init__(self, name, next_node):
        self.name, self.next_node = name, next_node

    def __key__(self):
        return self.name

    def route(self, packet):
        if self.next_node is None:
            error = RuntimeError("no route", packet)
            error.add_note(f"at {self.name}")
            raise error
        try:
            return self.next_node.route(packet + 1)
        except RuntimeError as error:
            error.add_note(f"via {self.name}")
            raise

    def count_notes(self, packet):
        try:
            self.route(packet)
        except RuntimeError as error:
            return error.__notes__, error.args


def script(world):
    end = world.create(Node, "end", None)
    middle = world.create(Node, "middle", end)
    start = world.create(Node, "start", middle)
    world.call(start, "route", 1)
    world.call(start, "count_notes", 5)
