"""Star-unpacking of remote rows, zip(*rows), nested targets in for and in comprehensions."""

import stateflow


@stateflow.entity
class Row:
    def __init__(self, n, values):
        self.n, self.values = n, values

    def __key__(self):
        return self.n

    def get(self):
        return tuple(self.values)

    def pairs(self):
        return {f"k{i}": (i, v) for i, v in enumerate(self.values)}


@stateflow.entity
class Matrix:
    def __init__(self, name, rows):
        self.name, self.rows = name, rows

    def __key__(self):
        return self.name

    def work(self):
        columns = [list(c) for c in zip(*[row.get() for row in self.rows])]
        flat = []
        for key, (index, value) in self.rows[0].pairs().items():
            flat.append(f"{key}{index}{value}")
        diagonal = [row.get()[i] for i, row in enumerate(self.rows)]
        (a, *_), (*_, b) = (row.get() for row in self.rows)
        sums = {k: i + v for row in self.rows for k, (i, v) in row.pairs().items()}
        return columns, flat, diagonal, a, b, sums


def script(world):
    matrix = world.create(Matrix, "m", [world.create(Row, 0, [1, 2]), world.create(Row, 1, [3, 4])])
    world.call(matrix, "work")
    world.get(matrix, "rows")
