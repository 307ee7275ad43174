"""A comprehension whose element is another comprehension, both with remote calls, and whose names do not leak."""

import stateflow


@stateflow.entity
class Layer:
    def __init__(self, z, values):
        self.z, self.values = z, values

    def __key__(self):
        return self.z

    def row(self, y):
        return self.values[y]

    def scale(self, x):
        return x * self.z


@stateflow.entity
class Cube:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def scaled(self, layers):
        x = "outer"
        matrix = [[layer.scale(x) for x in layer.row(y)] for layer in layers for y in range(len(layer.values))]
        transposed = [[row[i] for row in matrix if layers[0].scale(1)] for i in range(2)]
        return matrix, transposed, x, {z: {y: layers[0].scale(y + z) for y in range(2)} for z in range(2)}


def script(world):
    layers = [world.create(Layer, 2, [[1, 2], [3, 4]]), world.create(Layer, 5, [[5, 6]])]
    cube = world.create(Cube, "c")
    world.call(cube, "scaled", layers)
