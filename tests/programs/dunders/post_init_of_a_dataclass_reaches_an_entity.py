"""The `__post_init__` of a dataclass may reach another entity, whatever kind of dataclass it is."""
from dataclasses import InitVar, dataclass, field

import stateflow


@stateflow.entity
class Box:
    def __init__(self, name, n):
        self.name, self.n = name, n

    def __key__(self):
        return self.name

    def add(self, k):
        self.n += k
        return self.n


@dataclass
class Order:
    box: Box
    total: int = 0

    def __post_init__(self):
        self.total = self.box.n


@dataclass(frozen=True)
class Frozen:
    box: Box
    notes: list = field(default_factory=list)

    def __post_init__(self):
        self.notes.append("made")
        object.__setattr__(self, "total", self.box.n)


@dataclass(slots=True)
class Slotted:
    box: Box
    k: int
    total: int = 0

    def __post_init__(self):
        self.total = self.box.add(self.k)


@dataclass
class Watched(Order):
    k: int = 5

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if name == "k":
            print("k is", value)


@dataclass
class Begun:
    box: Box
    k: InitVar[int]

    def __post_init__(self, k):
        self.total = self.box.add(k)


@stateflow.entity
@dataclass(eq=False)
class Ticket:
    name: str
    box: Box
    total: int = 0

    def __key__(self):
        return self.name

    def __post_init__(self):
        self.total = self.box.add(1)


@stateflow.entity
class Runner:
    def __init__(self, name):
        self.name = name

    def __key__(self):
        return self.name

    def make(self, box: Box):
        return Order(box), Frozen(box), Slotted(box, 3), Watched(box, k=2), Begun(box, 4)

    def make_by_map(self, box: Box):
        cls = Order
        return [o.total for o in map(cls, [box])], [o.total for o in map(Order, [box])], Ticket("y", box).total

    def refused(self, box: Box):
        try:
            Watched(box, z=2)
        except TypeError as error:
            return str(error)


def script(world):
    box = world.create(Box, "b", 5)
    runner = world.create(Runner, "r")
    world.create(Ticket, "x", box)
    for name in ("make", "make_by_map", "refused"):
        world.call(runner, name, box)
