"""Keys of int, bool-like int, bytes, UUID, date, enum and tuple address their own entities."""

from datetime import date
from enum import Enum
from uuid import UUID

import stateflow


class Kind(Enum):
    RED = "red"
    BLUE = "blue"


@stateflow.entity
class Cell:
    def __init__(self, key, value):
        self.key, self.value = key, value

    def __key__(self):
        return self.key

    def bump(self):
        self.value += 1
        return self.value


@stateflow.entity
class Sheet:
    def __init__(self, name):
        self.name, self.cells = name, {}

    def __key__(self):
        return self.name

    def fill(self, keys):
        for number, key in enumerate(keys):
            self.cells[key] = Cell(key, number * 10)
        return [Cell.by_key(key).bump() for key in keys], [cell.key for cell in self.cells.values()]


def script(world):
    sheet = world.create(Sheet, "s")
    world.call(sheet, "fill", [1, "1", b"1", UUID(int=1), date(2024, 1, 1), Kind.RED, Kind.BLUE, (1, "a"), ((1,), 2)])
    world.get(world.ref(Cell, (1, "a")), "value")
    world.get(world.ref(Cell, Kind.RED), "value")
