"""A local that names a list inside self stays that list after remote calls and after the field is replaced."""

import stateflow


@stateflow.entity
class Supplier:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def part(self, n):
        return f"p{n}"


@stateflow.entity
class Assembly:
    def __init__(self, name):
        self.name, self.parts = name, ["base"]

    def __key__(self):
        return self.name

    def build(self, supplier):
        parts = self.parts
        parts.append(supplier.part(1))
        before = parts is self.parts
        self.parts = [supplier.part(2)]
        parts.append(supplier.part(3))
        self.parts.append("own")
        again = self.parts
        again += [supplier.part(4)]
        return before, parts, self.parts, again is self.parts


def script(world):
    supplier = world.create(Supplier, "s")
    assembly = world.create(Assembly, "a")
    world.call(assembly, "build", supplier)
    world.call(assembly, "build", supplier)
    world.state(assembly)
