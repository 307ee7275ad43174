"""`if entity`, `not entity` and `entity and ...` use the entity's own __bool__ or __len__."""

import stateflow


@stateflow.entity
class Lamp:
    def __init__(self, name, lit):
        self.name, self.lit = name, lit

    def __key__(self):
        return self.name

    def __bool__(self):
        print("bool", self.name)
        return self.lit


@stateflow.entity
class Basket:
    def __init__(self, owner, things):
        self.owner, self.things = owner, things

    def __key__(self):
        return self.owner

    def __len__(self):
        print("len", self.owner)
        return len(self.things)


@stateflow.entity
class Inspector:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def look(self, lamp, basket):
        found = []
        if lamp:
            found.append("light")
        if not basket:
            found.append("nothing")
        found.append("both" if lamp and basket else "not both")
        found.append(bool(basket))
        while basket:
            found.append("kept")
            break
        return found


def script(world):
    inspector = world.create(Inspector, "i")
    on, off = world.create(Lamp, "on", True), world.create(Lamp, "off", False)
    full, empty = world.create(Basket, "f", ["x"]), world.create(Basket, "e", [])
    world.call(inspector, "look", on, full)
    world.call(inspector, "look", off, empty)
