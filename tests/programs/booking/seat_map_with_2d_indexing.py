"""A seat map is read and written by nested subscripts whose indices come from other entities."""

import stateflow


@stateflow.entity
class Preference:
    def __init__(self, name, row, column):
        self.name, self.row, self.column = name, row, column

    def __key__(self):
        return self.name

    def next_row(self):
        self.row += 1
        return self.row - 1


@stateflow.entity
class Plane:
    def __init__(self, tail):
        self.tail = tail
        self.seats = [["." for _ in range(3)] for _ in range(3)]

    def __key__(self):
        return self.tail

    def place(self, p):
        while p.row < 3:
            row = self.seats[p.next_row()]
            if row[p.column] == ".":
                row[p.column] = p.name
                return ["".join(r) for r in self.seats]
            row[p.column] += "'"
        self.seats[-1][p.column], kept = "!", self.seats[-1][p.column]
        return kept


def script(world):
    plane = world.create(Plane, "ph")
    for name, row, column in (("a", 0, 1), ("b", 0, 1), ("c", 1, 1), ("d", 0, 1)):
        world.call(plane, "place", world.create(Preference, name, row, column))
    world.state(plane)
