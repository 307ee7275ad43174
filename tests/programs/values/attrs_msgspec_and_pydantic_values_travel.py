"""Objects of attrs, msgspec and pydantic classes are values: copied over calls, kept in attributes, equal afterwards."""

import attrs
import msgspec
import pydantic

import stateflow


@attrs.define
class Size:
    width: int
    height: int = 1
    notes: list[str] = attrs.field(factory=list)

    def area(self) -> int:
        return self.width * self.height


@attrs.frozen
class Colour:
    name: str


class Weight(msgspec.Struct):
    grams: int
    notes: list[str] = []


class Label(pydantic.BaseModel):
    text: str
    notes: list[str] = []


@stateflow.entity
class Shelf:
    def __init__(self, name):
        self.name, self.things = name, {}

    def __key__(self):
        return self.name

    def put(self, size, colour, weight, label):
        for thing in (size, weight, label):
            thing.notes.append(self.name)
        self.things[colour] = [size, weight, label]
        return size.area(), size, colour, weight, label.text, label.notes


@stateflow.entity
class Robot:
    def __init__(self, name):
        self.name, self.last = name, None

    def __key__(self):
        return self.name

    def bring(self, shelf, size, colour):
        weight, label = Weight(5), Label(text="tea")
        put = shelf.put(size, colour, weight, label)
        self.last = put[1]
        return put, size.notes, weight.notes, label.notes, put[2] == colour, put[1] == size, repr(self.last)


def script(world):
    shelf = world.create(Shelf, "s")
    robot = world.create(Robot, "r")
    world.call(robot, "bring", shelf, Size(2, 3), Colour("red"))
    world.call(robot, "bring", shelf, Size(4), Colour("blue"))
    world.state(robot)
    world.state(shelf)
